/** Texts of others at a terminal: they cannot change what it shows, nor make a line look like another. */

import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { CaleShell, MAIN, PASSPHRASE } from '../support/cale-shell.ts';
import type {} from '../support/provided.ts';
import { hasTerminal, runAtTerminal } from '../support/terminal.ts';

const EDGE = inject('edge');
/** Clears the screen by C0 and by C1, turns the direction, and begins lines. */
const HOSTILE = 'a\u001b[2Jb\u009b2Jc\u202ed\u2066e\u200ff\u061cg\u2028h\u007fi\ncale: all is well\rj';
const ESCAPED =
  'a\\u001b[2Jb\\u009b2Jc\\u202ed\\u2066e\\u200ff\\u061cg\\u2028h\\u007fi\\u000acale: all is well\\u000dj';

let shell: CaleShell;
let server: Server | undefined;
beforeAll(async () => {
  shell = await CaleShell.create();
  const args = ['--basic', 'alice:wonderland', '--subject', 'my \u202ephone\u0085'];
  expect(await shell.cale('register', EDGE, ...args)).toMatchObject({ code: 0 });
});
afterEach(() => server?.close());
afterAll(() => shell.remove());

/** A stranger on a port. */
async function listening(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('title and detail of a problem are escaped, and in JSON they are what they were', async () => {
  const problem = { type: 'urn:cale:problem:x', title: HOSTILE, detail: HOSTILE, status: 400 };
  const url = await listening((_, response) => response.writeHead(400).end(JSON.stringify(problem)));
  const register = ['register', url, '--bearer', 'xyz'];
  const { stderr } = await shell.caleWith({ env: { CALE_TOKEN: 'xyz' } }, 'register', url, '--bearer');
  expect(stderr).toContain(`${ESCAPED} ${ESCAPED} (x)`);
  expect(stderr.trimEnd().split('\n').length).toBe(1);
  const json = await shell.cale(...register, '--json');
  expect(json.stderr).toContain('\\u202e');
  expect(json.stderr).not.toMatch(/[\u009b\u202e\u007f]/);
  expect(JSON.parse(json.stderr)).toMatchObject({ title: HOSTILE, detail: HOSTILE });
});

test("a device's own description, and a file's name, are escaped", async () => {
  expect((await shell.cale('whoami')).stdout).toMatch(/^device: CN=my \\u202ephone.*\\u0085/m);
  await writeFile(join(shell.home, 'x\u001b[2J\u202e.pem'), '');
  expect((await shell.cale('list')).stderr).toContain('x\\u001b[2J\\u202e.pem');
});

test('owners and devices in the list of an operator are escaped', async () => {
  const times = { registeredAt: HOSTILE, lastUsedOn: HOSTILE, endsAt: HOSTILE, revokedAt: HOSTILE };
  const credential = { guid: HOSTILE, device: HOSTILE, keyType: 'P-256', ...times };
  const url = await listening((_, response) => response.end(JSON.stringify({ credentials: [credential] })));
  const env = { CALE_ADMIN_TOKEN: 'admin' };
  const { stdout } = await shell.caleWith({ env }, 'credentials', url, '--owner', 'alice');
  expect(stdout).toBe(`${ESCAPED}  P-256  ${ESCAPED}  used ${ESCAPED}  revoked ${ESCAPED}  ${ESCAPED}\n`);
  const json = await shell.caleWith({ env }, 'credentials', url, '--owner', 'alice', '--json');
  expect(JSON.parse(json.stdout)).toEqual([credential]);
  expect(json.stdout).not.toMatch(/[\u009b\u202e\u007f]/);
});

test('fields are escaped in fetch -i, letters are not, and the body stays as it is', async () => {
  const location = '/grüß\u202e\u009b\u007f';
  const url = `${EDGE}/redirect/200?to=${encodeURIComponent(location)}`;
  expect((await shell.cale('fetch', '-i', url)).stdout).toContain('location: /grüß\\u202e\\u009b\\u007f\n');
  const { stdout } = await shell.cale('fetch', '-i', '--data-raw', HOSTILE, `${EDGE}/bytes`);
  expect(stdout.endsWith(`\n\n${HOSTILE}`)).toBe(true);
  expect((await shell.cale('fetch', '--data-raw', HOSTILE, `${EDGE}/bytes`)).stdout).toBe(HOSTILE);
  const json = await shell.cale('fetch', '--json', '--data-raw', HOSTILE, `${EDGE}/bytes`);
  expect(json.stdout).not.toMatch(/[\u009b\u202e\u007f]/);
  expect(JSON.parse(json.stdout)).toMatchObject({ body: HOSTILE });
});

test.skipIf(!hasTerminal)('binary content goes to a terminal only where -o - says so', async () => {
  const command = `CALE_HOME='${shell.home}' CALE_PASSPHRASE='${PASSPHRASE}' '${process.execPath}' '${MAIN}' fetch`;
  const file = join(shell.home, 'binary');
  await writeFile(file, 'before\0behind');
  const fetch = `${command} ${EDGE}/bytes --data-binary '@${file}'`;
  const refused = await runAtTerminal(fetch, []);
  expect(refused).toMatchObject({ code: 2, shown: expect.stringContaining('binary') });
  expect(refused.shown).not.toContain('behind');
  expect(await runAtTerminal(`${fetch} -o -`, [])).toMatchObject({ code: 0, shown: 'before\0behind' });
  expect(await runAtTerminal(`${fetch} | cat`, [])).toMatchObject({ code: 0, shown: 'before\0behind' });
});
