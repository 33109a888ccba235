/** What is uploaded, built as `wrangler deploy` builds it. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT, WORKERS } from '../../scripts/workers.ts';

/** Sources that a bundle is made of. */
async function bundledSources(config: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cale-bundle-'));
  try {
    const wrangler = join(ROOT, 'node_modules/.bin/wrangler');
    await promisify(execFile)(wrangler, ['deploy', '--dry-run', '--outdir', folder, '-c', config], { cwd: ROOT });
    const { sources } = JSON.parse(await readFile(join(folder, 'index.js.map'), 'utf8')) as { sources: string[] };
    return sources;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const PKI = /node_modules\/(@peculiar|pkijs|asn1js|reflect-metadata|tsyringe)\//;

test.each(WORKERS)('$name: the PKI library is in the bundle of the authority alone', async ({ name, config }) => {
  const sources = await bundledSources(config);
  expect(sources.some((source) => source.includes('shared/'))).toBe(true);
  expect(sources.some((source) => PKI.test(source))).toBe(name === 'authority');
});
