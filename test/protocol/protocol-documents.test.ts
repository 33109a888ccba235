/** Messages that the pages of docs/protocol show: the Workers send and take them as they stand there. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { element, encode, sequence } from '../../shared/encoding/der/writer.ts';
import { encodeRdn } from '../../shared/x509/name.ts';
import { blocksOf } from '../support/blocks.ts';
import { encodeInfo, signCsr } from '../support/csr.ts';
import { Device } from '../support/device.ts';
import { ask, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';
import { createKey } from '../support/keys.ts';
import { randomNonce } from '../support/raw-signing.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.server.close());

test('well-known.md: the document', async () => {
  const document = JSON.stringify(await (await harness.server.fetch('/.well-known/cale')).json());
  const masked = document.replaceAll(/(-----BEGIN CERTIFICATE-----\\n)[^"]+(\\n-----END CERTIFICATE-----)/g, '$1…$2');
  expect(JSON.parse(masked)).toEqual(JSON.parse(blocksOf('docs/protocol/well-known.md')('"endpoints"').text));
});

test('README.md: the header fields of a sealed answer', async () => {
  const { headers } = await register(harness, (await Device.create('P-256', '')).csr);
  const shown = blocksOf('docs/protocol/README.md')('Content-Disposition').text.trim().split('\n');
  const sent = [...headers].filter(([name]) => !['date', 'content-length'].includes(name));
  const lines = shown.map((line) => line.split(': ')).map(([name = '', value = '']) => [name.toLowerCase(), value]);
  expect(sent.toSorted()).toEqual(lines.toSorted());
});

test('credentials.md: a page of the list', async () => {
  const { device, guid } = await registeredDevice(harness);
  const headers = { 'CALE-Nonce': randomNonce() };
  const answer = await ask(harness, '/.well-known/cale/credentials', guid, { headers });
  const page = JSON.parse(await device.open(await answer.text()));
  const shown = JSON.parse(blocksOf('docs/protocol/credentials.md')('"lastUsedOn"').text);
  expect(Object.keys(page)).toEqual(Object.keys(shown));
  expect(Object.keys(page.credentials[0])).toEqual(Object.keys(shown.credentials[0]));
  const typesOf = (entry: object) => Object.values(entry).map((value) => typeof value);
  expect(typesOf(page.credentials[0])).toEqual(typesOf(shown.credentials[0]));
});

test('operations.md: an upgrade adds what the configuration of the authority has', async () => {
  const { text } = blocksOf('docs/operations.md')('tag = "v2"');
  const configuration = readFileSync(join(ROOT, 'workers/authority/wrangler.toml'), 'utf8');
  const sections = text.trim().split('\n\n');
  expect(sections.filter((section) => !configuration.includes(section))).toEqual([]);
});

test('keys-and-csrs.md: the problem of a CSR', async () => {
  const key = await createKey('P-256');
  const subject = encode(sequence(encodeRdn('1.2.840.113549.1.9.1', element(0x16, Uint8Array.of(0x61, 0xc3, 0xb0)))));
  const response = await register(harness, await signCsr(key, encodeInfo(key.spki, subject)));
  const shown = JSON.parse(blocksOf('docs/protocol/keys-and-csrs.md')('csr-bad-subject').text);
  expect([response.status, await response.json()]).toEqual([shown.status, { ...shown, requestId: expect.any(String) }]);
});

test('signatures.md: the form of a signed request, which the edge takes, with a nonce of now', async () => {
  const { text } = blocksOf('docs/protocol/signatures.md')('POST /echo');
  const [head = '', body = ''] = text.trim().replace(';\n  keyid', ';keyid').split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const [method, path = ''] = first.split(' ');
  const fields: Record<string, string> = Object.fromEntries(lines.map((line) => line.split(/: (.*)/)));
  const { 'CALE-GUID': guid = '', 'Content-Digest': digest } = fields;
  expect(digest).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
  const send = (changed: Record<string, string>) =>
    ask(harness, path, guid, {
      method: method ?? '',
      body,
      headers: { ...fields, 'CALE-Nonce': randomNonce(), ...changed },
    });
  expect((await send({})).status).toBe(200);
  const uncovered = fields['Signature-Input']?.replace('"@method"', '') ?? '';
  expect((await send({ 'Signature-Input': uncovered })).status).toBe(403);
});
