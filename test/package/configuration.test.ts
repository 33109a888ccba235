/** docs/configuration.md cannot differ from the code: what the check and the page say of a clone in which something changed. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClone } from '../support/clone.ts';

const PAGE = 'docs/configuration.md';
const MEANINGS = 'scripts/docs/configuration/meanings.ts';

let folder: string;
let clone: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cale-configuration-'));
  clone = await createClone(join(folder, 'clone'), ['docs', 'template']);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns what the script prints, which fails exactly when it prints something. */
function run(script: string): string[] {
  const { status, stderr } = spawnSync('npm', ['run', '-s', script], { cwd: clone, encoding: 'utf8' });
  const lines = stderr.split('\n').filter((line) => line !== '');
  expect(status, stderr).toBe(lines.length === 0 ? 0 : 1);
  return lines;
}

const read = (file: string): string => readFileSync(join(clone, file), 'utf8');

/** Runs the work in the clone with other files, which are then as they were. */
function withChanges<T>(
  changes: readonly (readonly [file: string, before: string, after: string])[],
  work: () => T,
): T {
  const kept = changes.map(([file]) => [file, read(file)] as const);
  try {
    for (const [file, before, after] of changes) {
      expect(read(file).split(before), `${file}: ${before}`).toHaveLength(2);
      writeFileSync(join(clone, file), read(file).replace(before, after));
    }
    return work();
  } finally {
    for (const [file, text] of kept.toReversed()) writeFileSync(join(clone, file), text);
  }
}

test('the check takes the page, and none that says something else', () => {
  expect(run('docs:check')).toEqual([]);
  withChanges([[PAGE, '2 to 300', '2 to 299']], () => {
    expect(run('docs:check')).toEqual([`${PAGE} is not what the code says; run: npm run docs`]);
  });
});

test('ranges, choices, defaults and limits are those of the code and of the configuration', () => {
  const entries = () => read(PAGE).replaceAll(/\n +/g, ' ').split('\n');
  const before = entries();
  const after = withChanges(
    [
      ['workers/authority/config.ts', 'most: 300,', 'most: 301,'],
      ['workers/edge/settings.ts', "METHODS, 'signed')", "METHODS, 'allow')"],
      ['workers/edge/settings.ts', "'RATE_LIMITS', ['on', 'off']", "'RATE_LIMITS', ['on', 'off', 'half']"],
      ['wrangler.toml', 'limit = 300,', 'limit = 301,'],
      [PAGE, '2 to 300', '2 to 299'],
    ],
    () => {
      expect(run('docs')).toEqual([]);
      return entries();
    },
  );
  expect(after.filter((line) => !before.includes(line))).toEqual([
    expect.stringContaining('`allow` by default; `signed` in the configuration'),
    expect.stringContaining('`on`, `off`, `half`; `on` by default'),
    expect.stringContaining('301 in 60 s'),
    expect.stringContaining('2 to 301'),
  ]);
});

test('settings without a meaning are named, and meanings of no setting', () => {
  const shard = 'durable-objects/credential-shard/shard.ts';
  const faults = withChanges(
    [
      [
        'origin/settings.ts',
        "integerSetting(env, 'ANSWER_DEADLINE_MS', DEADLINE_MS)",
        "integerSetting(env, 'OTHER_MS', DEADLINE_MS)",
      ],
      [shard, 'new DueStates(this.#sql, this.env.CATALOGUE)', 'new DueStates(this.#sql, this.env.OTHER_STORE)'],
      ['workers/authority/wrangler.toml', '\nAUTHORITY_LOCATION = ""', '\nAUTHORITY_PLACE = ""'],
    ],
    () => run('docs:check'),
  );
  expect(faults).toEqual([
    'workers/authority/wrangler.toml: AUTHORITY_PLACE is no variable of this Worker.',
    `${MEANINGS}, origin: OTHER_MS is read, and has no meaning.`,
    `${MEANINGS}, origin: ANSWER_DEADLINE_MS is read by no code.`,
    `${MEANINGS}, gateway: OTHER_MS is read, and has no meaning.`,
    `${MEANINGS}, gateway: ANSWER_DEADLINE_MS is read by no code.`,
    'template/workers/origin reads OTHER_MS, which has no meaning.',
    `${shard} reads OTHER_STORE, which ${MEANINGS} lacks.`,
    `${PAGE} is not what the code says; run: npm run docs`,
  ]);
});
