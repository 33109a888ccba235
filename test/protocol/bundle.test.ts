/** The bundles that are uploaded, as `wrangler deploy` builds them. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALL_WORKERS } from '../../scripts/workers.ts';
import { bundleOf } from '../support/bundles.ts';

/** Libraries that tests have as a second opinion. */
const PKI = /node_modules\/(@peculiar|pkijs|asn1js|reflect-metadata|tsyringe)\//;
/** The library for platforms that have ChaCha20-Poly1305 neither in WebCrypto nor in node:crypto. */
const CIPHERS = /node_modules\/@noble\//;

test.each(ALL_WORKERS)('$name: no library of PKI or of ciphers is in the bundle', async ({ name }) => {
  const map = await readFile(join(bundleOf(name) ?? expect.unreachable(), 'index.js.map'), 'utf8');
  const { sources } = JSON.parse(map) as { sources: string[] };
  expect(sources.some((source) => source.includes('shared/'))).toBe(true);
  expect(sources.filter((source) => PKI.test(source) || CIPHERS.test(source))).toEqual([]);
});
