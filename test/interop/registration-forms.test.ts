/** The text forms in which tools hand out a CSR: each registers, and openssl opens what comes back. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type Harness, register, startHarness } from '../support/harness.ts';
import { createClient, createRequest, decrypt, type OpensslClient, openssl, x509 } from '../support/openssl.ts';

let harness: Harness;
let client: OpensslClient;
let pem: string;
beforeAll(async () => {
  [harness, client] = await Promise.all([startHarness(), createClient('P-256')]);
  pem = String(await createRequest(client, '/CN=phone', 'PEM'));
});
afterAll(() => harness.server.close());

const opened = async (response: Pick<Response, 'text'>): Promise<string> =>
  decrypt(client, Buffer.from(await response.text(), 'base64'), 'DER');

const inWindows = (text: string): string => text.replaceAll('\n', '\r\n');
const withoutArmour = (text: string): string => text.replaceAll(/^-----.*\n/gm, '');

test.each<[string, (text: string) => string | Buffer]>([
  ['PEM behind a byte order mark, as editors of Windows save it', (text) => `\ufeff${inWindows(text)}`],
  ['PEM in UTF-16, as PowerShell 5 redirects it', (text) => Buffer.from(`\ufeff${inWindows(text)}`, 'utf16le')],
  ['PEM in one line, as curl -d sends it', (text) => text.replaceAll(/[\r\n]/g, '')],
  ['base64 of EST (RFC 7030 4.2.1)', (text) => withoutArmour(text)],
  ['base64 in one line', (text) => withoutArmour(text).replaceAll('\n', '')],
])('%s', async (_, change) => {
  const response = await register(harness, Uint8Array.from(Buffer.from(change(pem))));
  expect(response.status).toBe(200);
  const guid = await opened(response);
  expect(guid).toMatch(/^[0-9a-f-]{36}$/);
  const certificate = await opened(await ask(harness, '/whoami', guid));
  expect(await x509(certificate, '-subject')).toMatch(/^subject=CN ?= ?phone$/);
});

test('text that openssl prints before the PEM goes along, when all is in one line', async () => {
  const text = String(await openssl(['req', '-text'], pem));
  expect(text.indexOf('-----BEGIN')).toBeGreaterThan(100);
  const response = await register(harness, text.replaceAll('\n', ''));
  expect(response.status).toBe(200);
});

test('what is refused says what was found, in the detail of the problem', async () => {
  const response = await register(harness, pem.replaceAll('\n', '\\n'));
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    type: 'urn:cale:problem:csr-malformed',
    title: 'The body is not a PKCS#10 certification request in DER.',
    status: 400,
    detail: 'The PEM block is not base64: it has U+005C.',
    requestId: expect.any(String),
  });
});
