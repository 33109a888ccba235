/** The floor of docs/clients.md: what the client needs of its platform, and what it does without. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { BROWSER_BUILD } from '../support/browser-build.ts';
import type {} from '../support/provided.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-platform-'));
  await build({ ...BROWSER_BUILD, entryPoints: ['client/index.ts'], outdir: folder });
});
afterAll(() => rm(folder, { recursive: true }));

/** @returns what a program prints, which is told the edge and the client as one module. */
async function run(program: string): Promise<unknown> {
  const given = [join(ROOT, 'test/client', program), inject('edge'), join(folder, 'index.js')];
  return JSON.parse((await promisify(execFile)(process.execPath, given)).stdout);
}

test('registers, fetches, writes and asks who it is, whichever newer feature of the platform is missing', async () => {
  const outcomes = (await run('platform-features.ts')) as Record<string, string>;
  expect(Object.keys(outcomes).length).toBeGreaterThan(50);
  const good = 'alice signature alice CN=gr\u00fcn';
  expect(Object.entries(outcomes).filter(([, outcome]) => outcome !== good)).toEqual([]);
});

test("does all of that with React Native's usual polyfills, and texts are what they were", async () => {
  const seen = {
    status: 200,
    url: `${inject('edge')}/resource`,
    owner: 'alice',
    bodies: ['gr\u00fc\u00df', 'gr\u00fc\u00df'],
    device: 'CN=gr\u00fcn',
  };
  expect(await run('react-native.ts')).toEqual([seen, seen]);
});

test('its syntax is that of Chrome 91, Firefox 90 and Safari 15', async () => {
  const written = async (target: string | string[]): Promise<string[]> => {
    const { outputFiles = [] } = await build({
      ...BROWSER_BUILD,
      entryPoints: ['client/index.ts'],
      target,
      write: false,
      outdir: folder,
    });
    return outputFiles.map(({ text }) => text);
  };
  expect(await written(['chrome91', 'firefox90', 'safari15'])).toEqual(await written('esnext'));
});
