/** Who a client is, and whom it trusts: forged answers to whoami and to a registration, and edges that are others. */

import { beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleClient, MemoryKeyStore, type RegisterOptions } from '../../../client/index.ts';
import { keyIdentifier, type PublicKey, parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { hex, utf8 } from '../../../shared/encoding/bytes.ts';
import { encodePem, parsePem } from '../../../shared/encoding/pem.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import { parseCsr } from '../../../shared/x509/csr.ts';
import { encodeCommonName } from '../../../shared/x509/name.ts';
import { type Issue, issueCertificate } from '../../../workers/authority/issuance/issue.ts';
import { encodeSubjectTemplate } from '../../../workers/authority/issuance/subject-template.ts';
import { createKey } from '../../support/keys.ts';
import {
  byPath,
  createMiddle,
  createVictim,
  type Middle,
  outcomeOf,
  recipientOf,
  sealedFor,
  type Tamper,
  UNREADABLE,
  type Victim,
  withDocument,
} from '../../support/middle.ts';
import {
  certify,
  createRogueAuthority,
  impersonate,
  importAuthority,
  type TestAuthority,
} from '../../support/minting.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const BOB = `Basic ${btoa('bob:builder')}`;
const OTHER_OWNER = expect.stringMatching(
  /^not-trusted: The edge registered the key for (alice|bob), and not for [aA]lice\.$/,
);
const OTHER_AUTHORITY = 'not-trusted: The edge has another authority than the expected one.';
const UNSIGNED = 'not-trusted: The edge publishes no key of its origin: answers would not be signed.';
const OLD = '1795614257.AAAAAAAAAAAAAAAAAAAAAA' as Nonce;
const DAY_MS = 24 * 60 * 60 * 1000;

let authority: TestAuthority;
let rogue: TestAuthority;
let victim: Victim;
beforeAll(async () => {
  authority = await importAuthority(inject('authority'));
  rogue = await createRogueAuthority(authority);
  victim = await createVictim({ edge: EDGE, authorization: ALICE });
});

const publicKeyIn = async ({ requests }: Middle): Promise<PublicKey> => {
  const registration = requests.find(({ url }) => new URL(url).pathname === '/registration');
  const csr = new Uint8Array((await registration?.clone().arrayBuffer()) ?? new ArrayBuffer(0));
  return parsePublicKey(parseCsr(csr).spki);
};

/** A certificate of a client, as the authority issues it for whoami, where nothing else is said. */
async function certificateOf(
  publicKey: PublicKey,
  request: Request,
  { by = authority, ...issue }: Partial<Issue> & { by?: TestAuthority } = {},
): Promise<string> {
  const identity = { owner: 'mallory', organization: 'example.com', scopes: ['all'] };
  const subject = encodeCommonName('forged');
  const template = encodeSubjectTemplate({
    subject,
    publicKey,
    keyIdentifier: await keyIdentifier(publicKey),
    identity,
  });
  const der = await issueCertificate(by.issuer, template, {
    purpose: 'whoami',
    notBefore: Date.now() - DAY_MS,
    seconds: 0,
    nonce: request.headers.get('CALE-Nonce') as Nonce,
    ...issue,
  });
  return encodePem('CERTIFICATE', der);
}

describe('whoami', () => {
  /** What comes of a whoami that is tampered with; before and after it an honest one is believed. */
  async function outcome(how: Tamper): Promise<string> {
    const { client, middle } = victim;
    const whoami = () =>
      client.whoami().then(
        ({ owner }) => owner,
        (error) => outcomeOf(Promise.reject(error)),
      );
    expect(await whoami()).toBe('alice');
    middle.tamper(byPath({ '/whoami': how }));
    const tampered = await whoami();
    middle.tamper(undefined);
    expect(await whoami()).toBe('alice');
    return tampered;
  }
  /** An answer with this content. */
  const saying =
    (content: (publicKey: PublicKey, request: Request) => Promise<string | Uint8Array<ArrayBuffer>>): Tamper =>
    async (request) => {
      const text = await content(await publicKeyIn(victim.middle), request);
      return sealedFor(victim.recipient, typeof text === 'string' ? utf8(text) : text);
    };

  test('is believed when the authority says it for this key and this request', async () => {
    expect(await outcome(saying(certificateOf))).toBe('mallory');
  });

  test.each<[string, Tamper]>([
    ['for a request, not for whoami', saying((key, request) => certificateOf(key, request, { purpose: 'request' }))],
    [
      'for a request, and valid now',
      saying((key, request) => certificateOf(key, request, { purpose: 'request', notBefore: Date.now(), seconds: 10 })),
    ],
    ['for another request', saying((key, request) => certificateOf(key, request, { nonce: OLD }))],
    ['for no request', saying((key, request) => certificateOf(key, request, { nonce: undefined }))],
    ['for another key', saying(async (_, request) => certificateOf((await createKey('P-256')).publicKey, request))],
    ['by another authority', saying((key, request) => certificateOf(key, request, { by: rogue }))],
    [
      'signed by another in the authority’s name',
      saying(async (key, request) => certificateOf(key, request, { by: await impersonate(authority) })),
    ],
    ['of an origin', saying(async () => (await certify(authority)).certificate)],
    ['of the authority itself', saying(async () => authority.certificate)],
    ['twice', saying(async (key, request) => (await certificateOf(key, request)).repeat(2))],
    [
      'in DER',
      saying(
        async (key, request) =>
          parsePem('CERTIFICATE', await certificateOf(key, request))[0] as Uint8Array<ArrayBuffer>,
      ),
    ],
    ['cut off', saying(async (key, request) => (await certificateOf(key, request)).slice(0, -40))],
    [
      'of another label',
      saying(async (key, request) => (await certificateOf(key, request)).replaceAll('CERTIFICATE', 'X509 CRL')),
    ],
    [
      'with a bit of it flipped',
      saying(async (key, request) => {
        const [der = new Uint8Array(0)] = parsePem('CERTIFICATE', await certificateOf(key, request));
        return encodePem('CERTIFICATE', der.with(der.length >> 1, (der[der.length >> 1] ?? 0) ^ 1));
      }),
    ],
    ['that is PEM of something else', saying(async () => encodePem('CERTIFICATE', utf8('no certificate')))],
    ['that is not even text', saying(async () => Uint8Array.of(0xff, 0xfe))],
    ['that is empty', saying(async () => '')],
  ])('is not believed by a certificate %s', async (_, how) => {
    expect(await outcome(how)).toBe(UNREADABLE);
  });

  test('is not believed by the certificate of another client, who is one', async () => {
    const mallory = await createVictim({ edge: EDGE, authorization: BOB });
    const asMallory: Tamper = async (request, forward) => {
      const headers = new Headers(request.headers);
      headers.set('CALE-GUID', mallory.account.guid);
      mallory.middle.tamper(async () => forward(new Request(request, { headers })));
      const { pem } = await mallory.client.whoami().catch(() => ({ pem: '' }));
      return sealedFor(victim.recipient, utf8(pem));
    };
    expect(await outcome(asMallory)).toBe(UNREADABLE);
  });

  test('is not believed when it was said before', async () => {
    let before: Response | undefined;
    expect(
      await outcome(async (_, forward) => {
        before = await forward();
        return before.clone();
      }),
    ).toBe('alice');
    expect(await outcome(async () => before?.clone() as Response)).toBe(UNREADABLE);
  });

  test('is not believed when it comes in content that can have been altered', async () => {
    const inCbc: Tamper = async (request) => {
      const pem = await certificateOf(await publicKeyIn(victim.middle), request);
      return sealedFor(victim.recipient, utf8(pem), 'AES-256-CBC');
    };
    expect(await outcome(inCbc)).toBe(UNREADABLE);
  });
});

describe('a registration', () => {
  interface Outcome {
    readonly outcome: string;
    readonly stored: number;
    /** Paths of the requests. */
    readonly asked: string[];
    readonly client?: CaleClient;
  }

  async function register(tampers: Record<string, Tamper>, more: Partial<RegisterOptions> = {}): Promise<Outcome> {
    const middle = createMiddle();
    const store = new MemoryKeyStore();
    middle.tamper((request, forward) => {
      underWay = middle;
      return byPath(tampers)(request, forward);
    });
    const registered = CaleClient.register({ edge: EDGE, authorization: ALICE, store, fetch: middle.fetch, ...more });
    const outcome = await outcomeOf(registered);
    const stored = (await store.list()).length;
    const asked = middle.requests.map(({ url }) => new URL(url).pathname);
    return { outcome, stored, asked, ...(outcome === 'done' && { client: await registered }) };
  }
  /** The registration that was begun last: the party in the middle knows its CSR. */
  let underWay: Middle;

  const REFUSED = { outcome: UNREADABLE, stored: 0 };
  const DONE = { outcome: 'done', stored: 1 };

  const answering =
    (guid: string, encryption: 'AES-256-GCM' | 'AES-256-CBC' = 'AES-256-GCM'): Tamper =>
    async () =>
      sealedFor(await recipientOf(underWay.requests), utf8(guid), encryption);
  const saying =
    (by: TestAuthority, issue: Partial<Issue> = {}): Tamper =>
    async (request) => {
      const pem = await certificateOf(await publicKeyIn(underWay), request, { by, ...issue });
      return sealedFor(await recipientOf(underWay.requests), utf8(pem));
    };

  test('is kept when all is honest', async () => {
    const { client, ...outcome } = await register({});
    expect(outcome).toEqual({ ...DONE, asked: ['/.well-known/cale', '/registration', '/whoami'] });
    expect(client?.owner).toBe('alice');
  });

  test('is not, with a GUID by one who has seen the CSR', async () => {
    const guid = crypto.randomUUID();
    // A decoy is the edge's answer to that GUID; another client's whoami is to that of another client.
    expect(await register({ '/registration': answering(guid) })).toMatchObject(REFUSED);
    expect(await register({ '/registration': answering(victim.account.guid) })).toMatchObject(REFUSED);
    for (const by of [rogue, await impersonate(authority)]) {
      const forged = { '/registration': answering(guid), '/whoami': saying(by) };
      expect(await register(forged)).toMatchObject(REFUSED);
    }
    const old = saying(authority, { nonce: OLD });
    expect(await register({ '/registration': answering(guid), '/whoami': old })).toMatchObject(REFUSED);
    // One who has the authority's key as well is the authority.
    expect(await register({ '/registration': answering(guid), '/whoami': saying(authority) })).toMatchObject(DONE);
  });

  test.each(['', 'x', 'not-a-guid', '00000000-0000-0000-0000-00000000000g', `${crypto.randomUUID()}\n`])(
    'is not, with the GUID %j',
    async (guid) => {
      expect(await register({ '/registration': answering(guid) })).toMatchObject({
        ...REFUSED,
        asked: ['/.well-known/cale', '/registration'],
      });
    },
  );

  test('is not, with a GUID in content that can have been altered', async () => {
    const inCbc = answering(crypto.randomUUID(), 'AES-256-CBC');
    expect(await register({ '/registration': inCbc, '/whoami': saying(authority) })).toMatchObject(REFUSED);
  });

  describe('for an owner', () => {
    test('is kept for that owner, and for none that is not the expected one', async () => {
      expect(await register({}, { owner: 'alice' })).toMatchObject(DONE);
      for (const authorization of [BOB, () => BOB]) {
        expect(await register({}, { owner: 'alice', authorization })).toMatchObject({
          outcome: OTHER_OWNER,
          stored: 0,
        });
      }
      expect(await register({}, { owner: 'Alice' })).toMatchObject({ outcome: OTHER_OWNER, stored: 0 });
    });

    test('is not, when one on the way registers the key for another', async () => {
      const asBob: Tamper = async (request, forward) => {
        const headers = new Headers(request.headers);
        headers.set('Authorization', BOB);
        return forward(new Request(request, { headers }));
      };
      const { client } = await register({ '/registration': asBob });
      expect(client?.owner).toBe('bob');
      const expected = { outcome: OTHER_OWNER, stored: 0 };
      expect(await register({ '/registration': asBob }, { owner: 'alice' })).toMatchObject(expected);
    });
  });

  describe('with an authority', () => {
    /** The expected authority, in each form that it may be given in. */
    async function forms(pem: string): Promise<string[]> {
      const [der = new Uint8Array(0)] = parsePem('CERTIFICATE', pem);
      const fingerprint = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', der)));
      const withColons = fingerprint.toUpperCase().match(/../g)?.join(':') ?? '';
      return [pem, `text before it\n${pem.trimEnd()}`, fingerprint, withColons];
    }
    const publishing = (...certificates: string[]) =>
      withDocument((document) => ({ ...document, authorityCertificates: certificates }));

    test('is kept when the edge publishes that one, and no CSR is sent to an edge that publishes another', async () => {
      for (const expected of await forms(authority.certificate)) {
        expect(await register({}, { authority: expected })).toMatchObject(DONE);
        expect(await register(publishing(rogue.certificate), { authority: expected })).toEqual({
          outcome: OTHER_AUTHORITY,
          stored: 0,
          asked: ['/.well-known/cale'],
        });
      }
      for (const other of await forms(rogue.certificate)) {
        const unmet = { outcome: OTHER_AUTHORITY, stored: 0, asked: ['/.well-known/cale'] };
        expect(await register({}, { authority: other })).toEqual(unmet);
      }
    });

    test('is not kept when the edge publishes no key of its origin, so that answers would not be signed', async () => {
      const silent = withDocument(({ originCertificates, ...document }) => document);
      expect(await register(silent, { authority: authority.certificate })).toEqual({
        outcome: UNSIGNED,
        stored: 0,
        asked: ['/.well-known/cale'],
      });
      expect(await register(silent)).toMatchObject(DONE);
    });

    test('trusts that one only, of all that the edge publishes', async () => {
      const both = publishing(rogue.certificate, authority.certificate);
      const forged = { ...both, '/registration': answering(crypto.randomUUID()), '/whoami': saying(rogue) };
      expect(await register(forged, { authority: authority.certificate })).toMatchObject(REFUSED);
      expect(await register(both, { authority: authority.certificate })).toMatchObject(DONE);
      // Without an expectation the edge is trusted in whom it names.
      expect(await register(forged)).toMatchObject(DONE);
    });

    test.each(['', 'xyz', 'ab'.repeat(31), 'ab'.repeat(33), '-----BEGIN CERTIFICATE-----'])(
      'that is none, %j, is a TypeError before a CSR is sent',
      async (none) => {
        const { outcome, stored, asked } = await register({}, { authority: none });
        expect(outcome).toMatch(/^TypeError: /);
        expect([stored, asked]).toEqual([0, ['/.well-known/cale']]);
      },
    );
  });

  test.each<[string, Tamper]>([
    ['that is no JSON', async () => new Response('<html>')],
    ['that names no authority', async () => Response.json({})],
    ['whose authority is none', async () => Response.json({ authorityCertificates: ['x', 1, null] })],
    ['that is null', async () => Response.json(null)],
  ])('ends at a document %s', async (_, document) => {
    expect(await register({ '/.well-known/cale': document })).toEqual({
      outcome: `not-sealed: What answers at ${EDGE} is no edge: it names no authority.`,
      stored: 0,
      asked: ['/.well-known/cale'],
    });
  });
});
