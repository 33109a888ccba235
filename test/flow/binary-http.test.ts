/** CALE-Accept: message/bhttp: the origin's whole answer inside of the envelope, of which the outside shows nothing. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { padme } from '../../shared/bhttp/padme.ts';
import { decodeResponse } from '../../shared/bhttp/response.ts';
import { fromUtf8 } from '../../shared/bytes.ts';
import { parseEnveloped } from '../../shared/cms/parse.ts';
import { ask, BOB, type Harness, registeredDevice, startHarness } from './harness.ts';

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
  const answer = decodeResponse(await device.openBytes(await der(response)));
  expect(answer.status).toBe(status);
  expect(answer.headers).toContainEqual(['content-type', 'application/json']);
  expect(answer.headers.map(([name]) => name)).not.toContain('connection');
  const plain = await ask(harness, path, guid);
  expect(fromUtf8(answer.content)).toBe(await device.open(await plain.text()));
});

test('without it the content is the body alone', async () => {
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
    const { length } = parseEnveloped(await der(response)).encryptedContent;
    expect(padme(length)).toBe(length);
  }
});
