/** The configurations of the Workers, and those that `cale init` writes. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { experimental_readRawConfig, type Unstable_RawConfig, unstable_readConfig } from 'wrangler';
import { ALL_WORKERS, ROOT, SINGLE } from '../../scripts/workers.ts';
import { blocksOf } from '../support/blocks.ts';

const TEMPLATE = ['edge', 'authority', 'origin', 'resource'].map((name) => `template/workers/${name}/wrangler.toml`);

test.each([...ALL_WORKERS.map(({ config }) => config), SINGLE.config, ...TEMPLATE])(
  '%s has no log of invocations kept, which would hold GUIDs and certificates, and no query strings',
  (config) => {
    const { observability } = unstable_readConfig({ config: join(ROOT, config) });
    expect(observability).toMatchObject({ enabled: true, redact_query_string: true, logs: { invocation_logs: false } });
    expect(observability.traces?.enabled ?? false).toBe(false);
  },
);

test.each([
  ...ALL_WORKERS.map(({ config }) => config),
  SINGLE.config,
  ...TEMPLATE,
  'examples/one-worker/wrangler.toml',
])('%s says whether it has an address, and has no previews, which would be edges beside the deployed one', (config) => {
  const { rawConfig } = experimental_readRawConfig({ config: join(ROOT, config) });
  const isEdge = /^wrangler|edge|single|one-worker/.test(config);
  expect(rawConfig).toMatchObject({ workers_dev: isEdge, preview_urls: false });
});

test('the Worker that is all parties has the classes and limits of them, and counts by itself', () => {
  const [EDGE, AUTHORITY] = ['wrangler.toml', 'workers/authority/wrangler.toml'] as const;
  const read = (config: string): Unstable_RawConfig => unstable_readConfig({ config: join(ROOT, config) });
  const objects = (config: string) => read(config).durable_objects?.bindings?.map(({ name }) => name) ?? [];
  expect(objects(SINGLE.config).toSorted()).toEqual([...objects(EDGE), ...objects(AUTHORITY)].toSorted());
  const limits = (config: string) => read(config).ratelimits?.map(({ name, simple }) => ({ name, simple }));
  expect(limits(SINGLE.config)).toEqual(limits(EDGE));
  const ids = (config: string) => read(config).ratelimits?.map(({ namespace_id }) => namespace_id) ?? [];
  expect(ids(SINGLE.config).filter((id) => ids(EDGE).includes(id))).toEqual([]);
  expect(read(SINGLE.config).triggers).toEqual(read(AUTHORITY).triggers);
});

test('docs/operations.md: the lines for a dataset bind it in each configuration, by the name that the Workers know', async () => {
  const { text } = blocksOf('docs/operations.md')('[[analytics_engine_datasets]]');
  const folder = await mkdtemp(join(tmpdir(), 'cale-configuration-'));
  try {
    for (const { config } of ALL_WORKERS) {
      const file = join(folder, 'wrangler.toml');
      await writeFile(file, `${await readFile(join(ROOT, config), 'utf8')}\n${text}`);
      const { analytics_engine_datasets } = unstable_readConfig({ config: file });
      expect(analytics_engine_datasets).toEqual([{ binding: 'METRICS', dataset: 'cale' }]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
