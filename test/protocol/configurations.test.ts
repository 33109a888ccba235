/** The configurations of the Workers, and those that `cale init` writes. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { ALL_WORKERS, ROOT } from '../../scripts/workers.ts';
import { blocksOf } from '../support/blocks.ts';

const TEMPLATE = ['edge', 'authority', 'origin', 'resource'].map((name) => `template/workers/${name}/wrangler.toml`);

test.each([...ALL_WORKERS.map(({ config }) => config), ...TEMPLATE])(
  '%s has no log of invocations kept, which would hold GUIDs and certificates, and no query strings',
  (config) => {
    const { observability } = unstable_readConfig({ config: join(ROOT, config) });
    expect(observability).toMatchObject({ enabled: true, redact_query_string: true, logs: { invocation_logs: false } });
    expect(observability.traces?.enabled ?? false).toBe(false);
  },
);

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
