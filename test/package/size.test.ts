/** What a browser downloads of the client, gzipped. */

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { BROWSER_BUILD } from '../support/browser-build.ts';

/** Of a page that loads its account and fetches. */
const MOST_BYTES = 20 * 1024;
/** Of a page that registers, asks who it is, and seals requests. */
const MOST_BYTES_TO_REGISTER = 28 * 1024;

interface File {
  readonly bytes: number;
  readonly needs: readonly string[];
  readonly onDemand: readonly string[];
}

const ENTRY = 'out/index.js';
const files = new Map<string, File>();
let inputs: string[] = [];

beforeAll(async () => {
  const { outputFiles, metafile } = await build({
    ...BROWSER_BUILD,
    entryPoints: ['client/index.ts'],
    minify: true,
    metafile: true,
    write: false as const,
    outdir: 'out',
  });
  inputs = Object.keys(metafile.inputs);
  for (const [name, { imports }] of Object.entries(metafile.outputs)) {
    const contents = outputFiles.find(({ path }) => path.endsWith(name))?.contents ?? expect.unreachable(name);
    const pathsOf = (wanted: string) => imports.filter(({ kind }) => kind === wanted).map(({ path }) => path);
    const bytes = gzipSync(contents, { level: 9 }).length;
    files.set(name, { bytes, needs: pathsOf('import-statement'), onDemand: pathsOf('dynamic-import') });
  }
});

/** @param more the parts that are loaded on demand, among those of the names. @returns the size of all that is loaded. */
function sizeOf(name: string, more: RegExp | undefined, loaded = new Set<string>()): number {
  if (loaded.has(name)) return 0;
  loaded.add(name);
  const { bytes, needs, onDemand } = files.get(name) ?? expect.unreachable(name);
  const next = [...needs, ...onDemand.filter((each) => more?.test(each))];
  return next.reduce((sum, each) => sum + sizeOf(each, more, loaded), bytes);
}

test('a page that loads its account and fetches downloads at most 20 KiB', () => {
  expect(sizeOf(ENTRY, undefined)).toBeGreaterThan(10_000);
  expect(sizeOf(ENTRY, undefined)).toBeLessThanOrEqual(MOST_BYTES);
});

test('a page that registers, asks who it is and seals requests downloads at most 28 KiB', () => {
  const bytes = sizeOf(ENTRY, /on-demand|authorities|probe|credentials/);
  expect(bytes).toBeGreaterThan(sizeOf(ENTRY, undefined) + 5000);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES_TO_REGISTER);
});

test('none of the PKI libraries is a part of it', () => {
  expect(inputs.filter((path) => /pkijs|@peculiar|asn1js|node:/.test(path))).toEqual([]);
});
