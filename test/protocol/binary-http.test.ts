/** CALE-Accept: message/bhttp: the origin's whole answer inside of the envelope, of which the outside shows nothing. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseEnvelopedMessage } from '../../shared/cms/enveloped-data.ts';
import { encodeResponse, parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { padme } from '../../shared/protocol/padding.ts';
import { ask, BOB, type Harness, registeredDevice, startHarness } from '../support/harness.ts';
import { randomNonce } from '../support/raw-signing.ts';

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

test.each([false, true])('decoys are as long as answers with 64 to 1,087 bytes are (signed: %s)', async (isSigned) => {
  const { device, guid } = await registeredDevice(harness);
  const askAs = async (id: string): Promise<Uint8Array<ArrayBuffer>> => {
    const nonce = isSigned ? { 'CALE-Nonce': randomNonce() } : {};
    return der(await ask(harness, '/resource', id, { headers: { ...HEADERS, ...nonce } }));
  };
  const answer = parseResponse(await device.openBytes(await askAs(guid)));
  expect(answer.headers.some(([name]) => name === 'signature')).toBe(isSigned);
  const [least, most] = [64, 1087].map((length) =>
    padme(encodeResponse({ ...answer, content: new Uint8Array(length) }).length),
  );
  const lengths: number[] = [];
  for (let count = 0; count < 64; count++) {
    lengths.push(parseEnvelopedMessage(await askAs(crypto.randomUUID())).encrypted.ciphertext.length);
  }
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(least ?? 0);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(most ?? 0);
  expect(new Set(lengths).size).toBeGreaterThan(10);
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
