/** CALE-Accept: message/bhttp: the origin's whole answer inside of the envelope, of which the outside shows nothing. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEnvelopedMessage } from '../../shared/cms/enveloped-data.ts';
import { parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { padme } from '../../shared/protocol/padding.ts';
import { ask, BOB, type Harness, registeredDevice, startHarness } from '../support/harness.ts';

const HEADERS = { 'CALE-Accept': 'message/bhttp', Accept: 'application/pkcs7-mime' };

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.server.close());

const der = async (response: { arrayBuffer(): Promise<ArrayBuffer> }) => new Uint8Array(await response.arrayBuffer());

test.each([
  ['/resource', 200],
  ['/scoped', 403],
  ['/nowhere', 404],
] as const)('of %s holds the status %i, the header fields and the body', async (path, status) => {
  const { device, guid } = await registeredDevice(harness, 'P-256', BOB);
  const response = await ask(harness, path, guid, { headers: HEADERS });
  expect(response.status).toBe(200);
  const answer = parseResponse(await device.openBytes(await der(response)));
  expect(answer.status).toBe(status);
  expect(answer.headers).toContainEqual(['content-type', 'application/json']);
  expect(answer.headers.map(([name]) => name)).not.toContain('connection');
  const plain = await ask(harness, path, guid);
  expect(parseUtf8(answer.content)).toBe(await device.open(await plain.text()));
});

test('without it the content is only the body', async () => {
  const { device, guid } = await registeredDevice(harness);
  const response = await ask(harness, '/resource/5', guid, { headers: { 'CALE-Accept': 'text/html' } });
  expect(await device.open(await response.text())).toBe('xxxxx');
});

test('answers and decoys alike have Padmé lengths', async () => {
  const { guid } = await registeredDevice(harness);
  for (const [path, name] of [
    ['/resource/1000', guid],
    ['/resource/1001', guid],
    ['/resource/1001', crypto.randomUUID()],
    ['/resource', crypto.randomUUID()],
  ] as const) {
    const response = await ask(harness, path, name, { headers: HEADERS });
    const { length } = parseEnvelopedMessage(await der(response)).encrypted.ciphertext;
    expect(padme(length)).toBe(length);
  }
});
