/** The short form of `npm run adversary`: known against unknown GUIDs, by all that can be seen but the clock. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';

interface Row {
  readonly deployment: string;
  readonly case: string;
  readonly feature: string;
  readonly figure: number;
  readonly verdict: string;
}

/** It takes less than a minute, unless the machine has much else to do. */
const TIMEOUT_MS = 600_000;

/** In a process of its own, because the adversary imports helpers of tests. */
async function runAdversary(signal: AbortSignal): Promise<{ code: number; rows: Row[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'cale-adversary-'));
  try {
    const file = join(folder, 'rows.json');
    const code = await new Promise<number>((resolve) => {
      const parameters = ['adversary/run.ts', '--short', '--json', file];
      const run = execFile(process.execPath, parameters, { cwd: ROOT, signal }, () => resolve(run.exitCode ?? 1));
    });
    return { code, rows: JSON.parse(await readFile(file, 'utf8')) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('unknown GUIDs are not told from known ones, and one byte more is', { timeout: TIMEOUT_MS }, async ({
  signal,
}) => {
  const { code, rows } = await runAdversary(signal);
  const failed = rows.filter(({ verdict }) => verdict !== 'within' && verdict !== 'chance');
  expect(failed.map((row) => `${row.deployment} ${row.case}: ${row.feature} ${row.figure.toFixed(3)}`)).toEqual([]);
  expect(code).toBe(0);
  expect(rows.some((row) => row.case === 'control: one byte more')).toBe(true);
});
