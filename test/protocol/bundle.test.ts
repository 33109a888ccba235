/** The bundles that are uploaded, as `wrangler deploy` builds them. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ALL_WORKERS } from '../../scripts/workers.ts';
import { bundleOf } from '../support/bundles.ts';

/** Libraries that tests have as a second opinion. */
const PKI = /node_modules\/(@peculiar|pkijs|asn1js|reflect-metadata|tsyringe)\//;
/** The library for platforms that have ChaCha20-Poly1305 neither in WebCrypto nor in node:crypto. */
const CIPHERS = /node_modules\/@noble\//;

/** Of the edge, gzipped: it is in front of each request, and starts wherever one comes in. */
const MOST_BYTES = 40_000;

/** Paths of the modules of a bundle. */
async function modulesOf(name: string): Promise<string[]> {
  const file = await readFile(join(bundleOf(name) ?? expect.unreachable(), 'bundle-meta.json'), 'utf8');
  const { inputs } = JSON.parse(file) as { inputs: Record<string, unknown> };
  return Object.keys(inputs);
}

test.each(ALL_WORKERS)('$name: no library of PKI or of ciphers is in the bundle', async ({ name }) => {
  const modules = await modulesOf(name);
  expect(modules.some((module) => module.includes('shared/'))).toBe(true);
  expect(modules.filter((module) => PKI.test(module) || CIPHERS.test(module))).toEqual([]);
});

/** Files of a bundle. A text that is imported is a file of its own. */
const uploadedOf = async (name: string): Promise<string[]> =>
  (await readdir(bundleOf(name) ?? expect.unreachable())).filter(
    (file) => !/^README\.md$|\.map$|^bundle-meta/.test(file),
  );

test('the edge has at most 40,000 bytes, gzipped, and no page: that is where DEMO is on', async () => {
  expect(await uploadedOf('edge')).toEqual(['index.js']);
  const script = await readFile(join(bundleOf('edge') ?? expect.unreachable(), 'index.js'));
  expect(gzipSync(script).length).toBeLessThanOrEqual(MOST_BYTES);
  expect((await uploadedOf('tour')).toSorted()).toEqual([expect.stringMatching(/-page\.html$/), 'index.js']);
});
