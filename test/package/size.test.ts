/** The download of a browser before it can register, fetch and ask who it is. */

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { BROWSER_BUILD } from '../support/browser-build.ts';

const MOST_BYTES = 21 * 1024;

test('the client is at most 21 KiB, gzipped, and has none of the PKI libraries in it', async () => {
  const { outputFiles, metafile } = await build({
    ...BROWSER_BUILD,
    entryPoints: ['client/index.ts'],
    minify: true,
    metafile: true,
    write: false as const,
    outdir: 'out',
  });
  // What is imported on demand (ChaCha20-Poly1305) is in a chunk of its own, which the entry does not load.
  const [entry] = Object.entries(metafile.outputs).filter(([, { entryPoint }]) => entryPoint === 'client/index.ts');
  const loaded = [
    entry?.[0],
    ...(entry?.[1].imports ?? []).filter(({ kind }) => kind === 'import-statement').map(({ path }) => path),
  ];
  const bytes = outputFiles
    .filter(({ path }) => loaded.some((name) => name !== undefined && path.endsWith(name)))
    .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  expect(bytes).toBeGreaterThan(1000);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  expect(Object.keys(metafile.inputs).filter((path) => /pkijs|@peculiar|asn1js|node:/.test(path))).toEqual([]);
});
