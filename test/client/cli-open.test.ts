/** `cale open`: the forms in which people and tools save an answer, and files that hold none. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleShell } from '../support/cale-shell.ts';
import type {} from '../support/provided.ts';

const EDGE = inject('edge');

let shell: CaleShell;
let guid: string;
beforeAll(async () => {
  shell = await CaleShell.create();
  await shell.cale('register', EDGE, '--basic', 'alice:wonderland');
  [{ guid }] = JSON.parse((await shell.cale('list', '--json')).stdout) as [{ guid: string }];
});
afterAll(() => shell.remove());

const ask = (headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${EDGE}/resource/7`, { headers: { 'CALE-GUID': guid, ...headers } });
const askDer = (): Promise<Response> => ask({ Accept: 'application/pkcs7-mime' });

async function open(saved: string | Uint8Array, ...args: string[]) {
  const file = join(shell.home, 'answer');
  await writeFile(file, saved);
  return shell.cale('open', file, ...args);
}

/** Status line and fields, with the line ends of HTTP, as of `curl -i`. */
function fieldsOf({ status, headers }: Response): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} OK\r\n${lines.join('')}\r\n`;
}

async function withFields(response: Response): Promise<Buffer> {
  return Buffer.concat([Buffer.from(fieldsOf(response), 'latin1'), Buffer.from(await response.arrayBuffer())]);
}
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());
const pem = (label: string, base64: string) => `-----BEGIN ${label}-----\n${base64}-----END ${label}-----\n`;

test.each<[string, () => Promise<string | Uint8Array>]>([
  ['DER', async () => bytesOf(await askDer())],
  ['base64', async () => (await ask()).text()],
  ['base64 on one line', async () => (await (await ask()).text()).replaceAll('\n', '')],
  ['base64 with the line ends of Windows', async () => (await (await ask()).text()).replaceAll('\n', '\r\n')],
  ['base64 behind a byte order mark', async () => `\ufeff${await (await ask()).text()}`],
  [
    'base64 in UTF-16, as PowerShell saves it',
    async () => Buffer.from(`\ufeff${await (await ask()).text()}`, 'utf16le'),
  ],
  ['header fields and base64', async () => withFields(await ask())],
  ['header fields and DER', async () => withFields(await askDer())],
  ['header fields of MIME, without a status line', async () => (await withFields(await ask())).subarray(17)],
  [
    'header fields after those of an interim answer',
    async () => Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), await withFields(await ask())]),
  ],
  ['PEM', async () => pem('CMS', await (await ask()).text())],
  ['PEM as of PKCS #7, with text before it', async () => `An answer:\n${pem('PKCS7', await (await ask()).text())}`],
])('an answer in %s is opened', async (_, save) => {
  expect(await open(await save())).toEqual({ code: 0, stdout: 'xxxxxxx', stderr: '' });
});

test('an answer comes by standard input too', async () => {
  const input = await (await ask()).text();
  expect(await shell.caleWith({ input }, 'open', '-')).toMatchObject({ code: 0, stdout: 'xxxxxxx' });
  expect(await shell.caleWith({ input: '' }, 'open', '-')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('empty'),
  });
});

describe('a file that is no sealed answer is told as what it is, and no new key is advised:', () => {
  test.each<[string, () => Promise<string | Uint8Array>, string]>([
    ['an empty one', async () => '', 'it is empty'],
    ['a refusal', async () => withFields(await fetch(`${EDGE}/resource`)), 'it is a refusal, 401'],
    ['a document', async () => (await fetch(`${EDGE}/.well-known/cale`)).text(), 'it is JSON'],
    ['a page', async () => '<!doctype html>', 'it is HTML'],
    ['a text', async () => 'hello, world', 'it is something else'],
    ['a certificate', async () => (await shell.cale('whoami', '--pem')).stdout, 'PEM of a CERTIFICATE'],
    ['header fields and nothing else', async () => fieldsOf(await ask()), 'it has no body'],
    ['a part of an answer', async () => (await bytesOf(await askDer())).subarray(0, 200), 'CMS in DER'],
    ['another kind of CMS', async () => 'MIAGCSqGSIb3DQEHAqCAAAA=\n', 'BER'],
  ])('%s', async (_, save, reason) => {
    const result = await open(await save());
    expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(reason) });
    expect(result.stderr).not.toContain('register');
  });
});

test('an answer for another key, and an altered one, are told apart', async () => {
  guid = crypto.randomUUID();
  const decoy = await open(await (await ask()).text());
  expect(decoy).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('not sealed for the key') });
  [{ guid }] = JSON.parse((await shell.cale('list', '--json')).stdout) as [{ guid: string }];
  const altered = await bytesOf(await askDer());
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
  expect(await open(altered)).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('altered') });
});
