/** Sealed requests: only the origin reads them, and its answers are held to the request that was inside. */

import { beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleClient, type LoadOptions, MemoryKeyStore } from '../../../client/index.ts';
import {
  byPath,
  createMiddle,
  createVictim,
  type Middle,
  outcomeOf,
  sealedAnswerFor,
  UNREADABLE,
  type Victim,
  withDocument,
} from '../../support/middle.ts';
import type { TestAuthority } from '../../support/minting.ts';
import { type CertificateFields, certify, createRogueAuthority, importAuthority } from '../../support/minting.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const SEALED = '/.well-known/cale/sealed';
const WELL_KNOWN = '/.well-known/cale';
const NOT_TRUSTED = 'not-trusted: The edge publishes no key for sealed requests that its authority certified.';
const MIB = 1024 * 1024;

let authority: TestAuthority;
let victim: Victim;
beforeAll(async () => {
  authority = await importAuthority(inject('authority'));
  victim = await createVictim({ edge: EDGE, authorization: ALICE });
});

const pathsOf = ({ requests }: Middle): string[] => requests.map(({ url }) => new URL(url).pathname);

/** All that one sees on the way of the requests, but the certificates that are public. */
const seen = async ({ requests }: Middle): Promise<string> =>
  (
    await Promise.all(
      requests.map(async (request) => [
        request.url,
        JSON.stringify([...request.headers]),
        new TextDecoder('latin1').decode(await request.clone().arrayBuffer()),
      ]),
    )
  )
    .flat()
    .join('\n');

async function load(more: Partial<LoadOptions> = {}, middle = createMiddle()): Promise<[CaleClient, Middle]> {
  const client = await CaleClient.load({ edge: EDGE, store: victim.store, fetch: middle.fetch, ...more });
  if (client === undefined) throw new Error('no account');
  return [client, middle];
}

describe('what is asked is seen by nobody on the way', () => {
  test.each([
    ['GET', undefined, 'reading'],
    ['OPTIONS', undefined, 'reading'],
    ['POST', 'a body', 'signature'],
    ['DELETE', undefined, 'signature'],
  ])('by %s', async (method, body, proof) => {
    const [client, middle] = await load();
    const headers = { 'X-Field': 'a value' };
    const init = { method, headers, seal: true, ...(body !== undefined && { body }) };
    const response = await client.fetch('/mirror?a=b', init);
    expect(response.url).toBe(`${EDGE}/mirror?a=b`);
    expect(await response.json()).toMatchObject({
      method,
      body: body ?? '',
      search: '?a=b',
      headers: { 'x-field': 'a value' },
      isSealed: true,
      proof,
    });
    expect(pathsOf(middle)).toEqual([WELL_KNOWN, SEALED]);
    const wire = await seen(middle);
    for (const secret of ['mirror', 'a=b', 'a value', 'a body', 'x-field', 'signature', 'OPTIONS', 'DELETE']) {
      expect(wire).not.toContain(secret);
    }
  });

  test('by HEAD', async () => {
    const [client, middle] = await load();
    const response = await client.fetch('/resource/10', { method: 'HEAD', seal: true });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(pathsOf(middle)).toEqual([WELL_KNOWN, SEALED]);
  });

  test('by all requests of a client that is loaded so, except for one that is not to be', async () => {
    const [client, middle] = await load({ sealRequests: true });
    expect(await (await client.fetch('/mirror')).json()).toMatchObject({ isSealed: true });
    expect(await (await client.fetch('/mirror', { method: 'PUT', body: 'x' })).json()).toMatchObject({
      isSealed: true,
    });
    expect(await (await client.fetch('/mirror', { seal: false })).json()).toMatchObject({ isSealed: false });
    expect(pathsOf(middle)).toEqual([WELL_KNOWN, SEALED, SEALED, '/mirror']);
  });

  test('by what a redirect leads to', async () => {
    const [client, middle] = await load();
    const response = await client.fetch('/redirect/307?to=/mirror', { method: 'POST', body: 'a body', seal: true });
    expect(await response.json()).toMatchObject({ method: 'POST', body: 'a body', isSealed: true, proof: 'signature' });
    expect(pathsOf(middle)).toEqual([WELL_KNOWN, SEALED, SEALED]);
  });
});

test('their lengths on the wire are few', async () => {
  const [client, middle] = await load();
  for (let length = 1000; length < 1030; length++) {
    await client.fetch('/digest', { method: 'POST', body: 'x'.repeat(length), seal: true });
  }
  const bodies = await Promise.all(
    middle.requests.slice(1).map(async (request) => (await request.arrayBuffer()).byteLength),
  );
  expect(new Set(bodies).size).toBeLessThanOrEqual(2);
});

test('one that is larger than the origin reads is told so by the origin', async () => {
  const response = await victim.client.fetch('/digest', { method: 'POST', body: 'x'.repeat(10 * MIB), seal: true });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ type: 'urn:cale:problem:content-too-large' });
});

describe('the key of the origin', () => {
  /** A client that knows the origin by this certificate, and no other. */
  async function knowing(encryption: string, middle: Middle): Promise<CaleClient> {
    const store = new MemoryKeyStore();
    const { origin, ...account } = victim.account;
    await store.put({ ...account, origin: { signing: origin?.signing ?? '', encryption } });
    return (await load({ store }, middle))[0];
  }
  const old = async () => (await certify(authority, { keyUsage: 'keyAgreement' })).certificate;

  test('that is old is asked for again, and the request sealed once more, whatever it does', async () => {
    for (const method of ['GET', 'POST']) {
      const middle = createMiddle();
      const client = await knowing(await old(), middle);
      await client.fetch('/resource');
      const response = await client.fetch('/mirror', { method, seal: true });
      expect(await response.json()).toMatchObject({ method, isSealed: true });
      expect(pathsOf(middle)).toEqual(['/resource', SEALED, WELL_KNOWN, SEALED]);
      const [, first, , second] = middle.requests;
      expect(second?.headers.get('CALE-Nonce')).not.toBe(first?.headers.get('CALE-Nonce'));
    }
  });

  test('that stays old is tried no third time', async () => {
    const certificate = await old();
    const middle = createMiddle(
      byPath(withDocument((document) => ({ ...document, originEncryptionCertificate: certificate }))),
    );
    const client = await knowing(certificate, middle);
    await client.fetch('/resource');
    const response = await client.fetch('/mirror', { seal: true });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: 'urn:cale:problem:sealed-request-not-valid' });
    expect(pathsOf(middle)).toEqual(['/resource', SEALED, WELL_KNOWN, SEALED]);
  });

  test.each<[string, (authority: TestAuthority) => Promise<TestAuthority>, CertificateFields]>([
    ['of another authority', createRogueAuthority, {}],
    ['of a key that signs', async (same) => same, { keyUsage: 'digitalSignature' }],
    ['of a client', async (same) => same, { extKeyUsage: ['1.3.6.1.5.5.7.3.2'] }],
    ['that has ended', async (same) => same, { notBefore: -2, notAfter: -1 }],
  ])('is none by a certificate %s: nothing is sent', async (_, authorityOf, fields) => {
    const { certificate } = await certify(await authorityOf(authority), { keyUsage: 'keyAgreement', ...fields });
    const middle = createMiddle(
      byPath(withDocument((document) => ({ ...document, originEncryptionCertificate: certificate }))),
    );
    const client = await knowing('', middle);
    expect(await outcomeOf(client.fetch('/mirror', { seal: true }))).toBe(NOT_TRUSTED);
    expect(new Set(pathsOf(middle))).toEqual(new Set([WELL_KNOWN]));
  });

  test('is none where the edge publishes none', async () => {
    const middle = createMiddle(byPath(withDocument(({ originEncryptionCertificate, ...document }) => document)));
    const client = await knowing('', middle);
    expect(await outcomeOf(client.fetch('/mirror', { seal: true }))).toBe(NOT_TRUSTED);
    expect(new Set(pathsOf(middle))).toEqual(new Set([WELL_KNOWN]));
  });
});

describe('an answer to a sealed request is not read', () => {
  const outcome = async (tamper: Parameters<Middle['tamper']>[0]): Promise<string> => {
    const { client, middle } = victim;
    expect(await outcomeOf(client.fetch('/resource', { seal: true }))).toBe('read: 200');
    middle.tamper(tamper);
    const tampered = await outcomeOf(client.fetch('/resource', { seal: true }));
    middle.tamper(undefined);
    return tampered;
  };

  test('when one made it who has the public key', async () => {
    const forged = { status: 200, headers: [], content: new Uint8Array(0) };
    expect(await outcome(byPath({ [SEALED]: async () => sealedAnswerFor(victim.recipient, forged) }))).toBe(UNREADABLE);
  });

  test('when it is that to an open request for something else, with the same nonce', async () => {
    const tamper = byPath({
      [SEALED]: (request, forward) => {
        const headers = new Headers(request.headers);
        headers.delete('Content-Type');
        return forward(new Request(`${EDGE}/resource/7`, { headers }));
      },
    });
    expect(await outcome(tamper)).toBe(UNREADABLE);
  });

  test('when it was given before', async () => {
    let before: Response | undefined;
    expect(
      await outcome(async (_, forward) => {
        before = await forward();
        return before.clone();
      }),
    ).toBe('read: 200');
    expect(await outcome(async () => before?.clone() as Response)).toBe(UNREADABLE);
  });

  test('when the request was sent before: it is done once, and the second answer is a decoy', async () => {
    expect(
      await outcome(async (request, forward) => {
        await forward(request.clone());
        return forward(request);
      }),
    ).toBe(UNREADABLE);
  });
});
