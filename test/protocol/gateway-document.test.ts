/** docs/gateway.md: its API, its commands and its programs are run as they stand there, and print what it says. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { parseTable } from '../../workers/gateway/table.ts';
import { type Block, blocksOf } from '../support/blocks.ts';
import { type DevServer, startDev } from '../support/dev-server.ts';
import { freePort } from '../support/free-port.ts';

const block = blocksOf('docs/gateway.md');

let folder: string;
let api: ChildProcess;
let apiUrl: string;
let edge: DevServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cale-gateway-'));
  const port = await freePort();
  apiUrl = `http://localhost:${port}`;
  await writeFile(join(folder, 'api.mjs'), block('// api.mjs').text.replace('5005', String(port)));
  const [, secret = ''] = /UPSTREAM_SECRET=(\S+)/.exec(block('node api.mjs').text) ?? [];
  api = spawn(process.execPath, ['api.mjs'], { cwd: folder, env: { ...process.env, UPSTREAM_SECRET: secret } });
  const [, ...flags] = block('npm run dev').text.trim().split(' -- ');
  const args = flags.join(' ').replace('http://localhost:5005', apiUrl).split(' ');
  expect(args).toEqual(['--upstream', apiUrl, '--var', `UPSTREAM_SECRET:${secret}`]);
  edge = await startDev(args);
});
afterAll(async () => {
  await edge.end();
  api.kill();
  await rm(folder, { recursive: true });
});

/** Runs a block that names the edge, in the folder. @returns what it prints. */
async function run({ text }: Block): Promise<string> {
  const here = text.replaceAll('http://127.0.0.1:8787', edge.url.origin);
  expect(here).not.toBe(text);
  // The package as it is in this repository, not built.
  const command = `${process.execPath} --disable-warning=ExperimentalWarning`;
  const own = here
    .replaceAll('npx cale', `${command} ${join(ROOT, 'client/cli/main.ts')}`)
    .replace("'cale-workers/client'", `'${join(ROOT, 'client/index.ts')}'`);
  const name = text.startsWith('// ') ? text.slice(3, text.indexOf('\n')) : 'block.sh';
  await writeFile(join(folder, name), name.endsWith('.sh') ? `set -eu\n${own}` : own);
  const [program, ...args] = name.endsWith('.sh') ? ['sh'] : command.split(' ');
  const env = { ...process.env, CALE_HOME: join(folder, 'home') };
  const { stdout } = await promisify(execFile)(program ?? '', [...args, name], { cwd: folder, env });
  return stdout.trim();
}

test.each(['curl -fsS -H "CALE-GUID', 'npx cale fetch http', '// ask.mjs'])(
  '%s prints what the page says',
  async (text) => {
    const found = block(text);
    expect(found.prints).not.toBe('');
    expect(await run(found)).toBe(found.prints);
  },
);

test('the API answers the gateway only', async () => {
  const fields = { 'CALE-Owner': 'alice', 'CALE-Scopes': 'read' };
  expect(await fetch(apiUrl, { headers: fields })).toMatchObject({ status: 401 });
  const wrong = { ...fields, Authorization: 'Bearer a-secret-of-one-of-them' };
  expect(await fetch(apiUrl, { headers: wrong })).toMatchObject({ status: 401 });
});

test('the table of the page is one', () => {
  const entries = parseTable(block('"prefix": "/orders"').text, false);
  expect(entries.map(({ prefix }) => prefix)).toEqual(['/orders', '/stock', '/']);
});
