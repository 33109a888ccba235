/** The three versions that CHANGELOG.md tells apart are those of the code. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SCHEMA_VERSION } from '../../durable-objects/credential-shard/schema.ts';
import { ROOT } from '../../scripts/workers.ts';
import { WIRE_VERSION } from '../../shared/protocol/wire-version.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const changelog = read('CHANGELOG.md');

test('of the package, of the wire and of storage', () => {
  const rows = [...changelog.matchAll(/^\| (package|wire|storage) *\| (\S+) *\|/gm)];
  expect(Object.fromEntries(rows.map(([, name, version]) => [name, version]))).toEqual({
    package: JSON.parse(read('package.json')).version,
    wire: WIRE_VERSION,
    storage: String(SCHEMA_VERSION),
  });
  expect(JSON.parse(read('docs/openapi.json')).info.version).toBe(WIRE_VERSION);
});

test('each release says that of wire and storage, which never go down', () => {
  const releases = [...changelog.matchAll(/^## \[(\d[^\]]*)\] - (\S+)\n\n(.*)$/gm)];
  expect(releases.length).toBeGreaterThan(0);
  const said = releases.map(([, , , line = '']) => /^Wire (\d+)\.(\d+)\.(\d+), storage (\d+)\.$/.exec(line)?.slice(1));
  expect(said).not.toContain(undefined);
  const now = [...WIRE_VERSION.split('.'), String(SCHEMA_VERSION)];
  for (const [at, older] of said.entries()) {
    const newer = (at === 0 ? now : said[at - 1])?.map(Number) ?? [];
    const [wire, storage] = [(older ?? []).map(Number), Number(older?.[3])];
    expect(storage).toBeLessThanOrEqual(newer[3] ?? 0);
    const raised = [0, 1, 2].find((part) => wire[part] !== newer[part]);
    if (raised !== undefined) expect(wire[raised]).toBeLessThan(newer[raised] ?? 0);
  }
});
