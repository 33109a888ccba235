/** What authority, origin and resource server answer when they are asked without the edge, or not as it asks (B.2). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePem } from '../../shared/encoding/pem.ts';
import type { Device } from '../support/device.ts';
import { type Harness, registeredDevice } from '../support/harness.ts';
import { randomNonce, signedFields, type Unsigned } from '../support/raw-signing.ts';
import { openWhole, startWithTestOrigin, TEST_ORIGIN, WHOLE_ANSWER } from '../support/test-origin.ts';

const CIPHER = { Cipher: 'AEAD-AES256-GCM-SHA384' };

let harness: Harness;
let device: Device;
let guid: string;
beforeAll(async () => {
  harness = await startWithTestOrigin();
  ({ device, guid } = await registeredDevice(harness));
});
afterAll(() => harness.server.close());

type Fields = Record<string, string>;

const authority = (path: string, headers: Fields) =>
  harness.server.getWorker('cale-authority').fetch(`https://authority${path}`, { headers });
const origin = (path: string, headers: Fields, init: { method?: string; body?: string } = {}) =>
  harness.server.getWorker(TEST_ORIGIN).fetch(`https://api.example.com${path}`, { ...init, headers });
const resource = (headers: Fields) =>
  harness.server.getWorker('cale-resource').fetch('https://resource/aggregate', { headers });

/** A certificate as the edge sends it on, for one request by its nonce or for no one in particular. */
async function calePem(nonce?: string): Promise<Fields> {
  const admission: Fields = nonce === undefined ? {} : { 'CALE-Nonce': nonce, 'CALE-Admit': '?1' };
  const answer = await authority('/validate', { 'CALE-GUID': guid, ...admission });
  expect(answer.status).toBe(200);
  return { 'CALE-PEM': answer.headers.get('CALE-PEM') ?? '' };
}

/** No certificate, no answer: nothing in the clear, and no word of why. */
async function expectRefused(answer: Awaited<ReturnType<typeof origin>>): Promise<void> {
  expect(answer.status).toBe(403);
  expect(answer.headers.get('Cache-Control')).toBe('no-store');
  expect(answer.headers.has('Content-Type')).toBe(false);
  expect(await answer.text()).toBe('');
}

describe('the authority', () => {
  test('admits a nonce once for a GUID, and only when it is asked to', async () => {
    const nonce = randomNonce();
    const asked = { 'CALE-GUID': guid, 'CALE-Nonce': nonce };
    const admit = { ...asked, 'CALE-Admit': '?1' };
    const statuses = [];
    for (const fields of [asked, asked, admit, admit, asked]) {
      statuses.push((await authority('/validate', fields)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 403, 200]);
  });

  test.each(['', 'x', `${randomNonce()}x`])('admits no nonce %j, for any GUID', async (nonce) => {
    for (const id of [guid, crypto.randomUUID()]) {
      const answer = await authority('/validate', { 'CALE-GUID': id, 'CALE-Nonce': nonce, 'CALE-Admit': '?1' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ type: 'urn:cale:problem:nonce-malformed' });
    }
  });
});

describe('the origin', () => {
  test('answers to a good certificate, sealed', async () => {
    const answer = await origin('/resource', { ...(await calePem()), ...CIPHER, ...WHOLE_ANSWER });
    expect(await openWhole(device, answer)).toMatchObject({ status: 200, json: { owner: 'alice' } });
  });

  test('answers nothing to a request without a certificate, or without a cipher', async () => {
    await expectRefused(await origin('/resource', {}));
    await expectRefused(await origin('/resource', CIPHER));
    await expectRefused(await origin('/resource', await calePem()));
    for (const cipher of ['NULL', 'DES-CBC3-SHA', 'nonsense']) {
      await expectRefused(await origin('/resource', { ...(await calePem()), Cipher: cipher }));
    }
    await expectRefused(await origin('/.well-known/cale/sealed', {}, { method: 'POST', body: 'x' }));
  });

  test('answers to the certificate of one request for that request only', async () => {
    const nonce = randomNonce();
    const certificate = await calePem(nonce);
    await expectRefused(await origin('/resource', { ...certificate, ...CIPHER }));
    await expectRefused(await origin('/resource', { ...certificate, ...CIPHER, 'CALE-Nonce': randomNonce() }));
    const answer = await origin('/resource', { ...certificate, ...CIPHER, ...WHOLE_ANSWER, 'CALE-Nonce': nonce });
    expect(await openWhole(device, answer)).toMatchObject({ status: 200 });
  });

  test('answers nothing to a certificate that only says who a client is', async () => {
    const nonce = randomNonce();
    const whoami = await authority('/whoami', { 'CALE-GUID': guid, 'CALE-Nonce': nonce, ...CIPHER });
    const [der = new Uint8Array(0)] = parsePem('CERTIFICATE', await device.open(await whoami.text()));
    const certificate = { 'CALE-PEM': `"${Buffer.from(der).toString('base64')}"` };
    await expectRefused(await origin('/resource', { ...certificate, ...CIPHER, 'CALE-Nonce': nonce }));
    await expectRefused(await resource({ ...certificate, 'CALE-Nonce': nonce }));
  });

  test('does no write whose nonce was not admitted, though it is signed', async () => {
    const request: Unsigned = {
      method: 'POST',
      url: 'https://api.example.com/mirror',
      nonce: randomNonce(),
      body: 'a body',
      contentType: 'text/plain',
    };
    const signed = await signedFields(device, request);
    const write = async (certificate: Fields) => {
      const headers = { ...signed, ...certificate, ...CIPHER, ...WHOLE_ANSWER };
      return openWhole(device, await origin('/mirror', headers, { method: 'POST', body: request.body }));
    };
    expect(await write(await calePem())).toMatchObject({ status: 401, json: { status: 401 } });
    expect(await write(await calePem(request.nonce))).toMatchObject({ status: 200, json: { proof: 'signature' } });
  });

  test('gives its certificates to one who asks without a client’s, and nothing else', async () => {
    const answer = await origin('/.well-known/cale/origin', {});
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    const { ORIGIN_SIGNING_CERTIFICATES: signing, ORIGIN_ENCRYPTION_CERTIFICATES: encryption } = harness.secrets.origin;
    expect(await answer.json()).toEqual({ signing, encryption });
    const asClient = await origin('/.well-known/cale/origin', { ...(await calePem()), ...CIPHER, ...WHOLE_ANSWER });
    expect(await openWhole(device, asClient)).toMatchObject({ status: 404 });
  });
});

describe('the resource server', () => {
  test('answers in the clear to a good certificate, and to none with a cipher (B.2.5)', async () => {
    const certificate = await calePem();
    expect(await (await resource(certificate)).json()).toEqual({ foo: 'bar' });
    await expectRefused(await resource({ ...certificate, ...CIPHER }));
    await expectRefused(await resource(CIPHER));
    await expectRefused(await resource({}));
  });

  test('answers to the certificate of one request for that request only', async () => {
    const nonce = randomNonce();
    const certificate = await calePem(nonce);
    await expectRefused(await resource(certificate));
    expect((await resource({ ...certificate, 'CALE-Nonce': nonce })).status).toBe(200);
  });
});
