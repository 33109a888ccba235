/** Answers that a party between client and origin made or altered: each is the one error, and an honest one is read. */

import { beforeAll, describe, expect, inject, test } from 'vitest';
import { CaleClient, type CaleRequestInit, MemoryKeyStore } from '../../../client/index.ts';
import { createHttpSigner, type HttpSigner } from '../../../origin/keys.ts';
import { signAnswer } from '../../../origin/respond.ts';
import { keyIdentifier } from '../../../shared/crypto/keys/public-key.ts';
import { httpAlgorithmOfPrivateKey } from '../../../shared/crypto/signatures/schemes.ts';
import { encodeBase64Url } from '../../../shared/encoding/base64.ts';
import type { BinaryResponse } from '../../../shared/encoding/bhttp/response.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { type Component, type RequestMessage, signMessage } from '../../../shared/protocol/http-signature.ts';
import { ANSWER_TAG, answerComponents } from '../../../shared/protocol/signed-answer.ts';
import { ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH } from '../../../shared/x509/extensions.ts';
import {
  byPath,
  createVictim,
  outcomeOf,
  recipientOf,
  sealedAnswerFor,
  type Tamper,
  UNREADABLE,
  type Victim,
  withDocument,
} from '../../support/middle.ts';
import {
  type CertificateFields,
  type Certified,
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
const PATH = '/resource';

let authority: TestAuthority;
let victim: Victim;
beforeAll(async () => {
  authority = await importAuthority(inject('authority'));
  victim = await createVictim({ edge: EDGE, authorization: ALICE });
});

/** What the client makes of an answer that was tampered with; before and after it reads an honest one. */
async function outcome(how: Tamper | Record<string, Tamper>, path = PATH, init: CaleRequestInit = {}): Promise<string> {
  const ask = () => outcomeOf(victim.client.fetch(path, init));
  victim.middle.tamper(undefined);
  expect(await ask()).toBe('read: 200');
  victim.middle.tamper(typeof how === 'function' ? byPath({ [path]: how }) : byPath(how));
  const tampered = await ask();
  victim.middle.tamper(undefined);
  expect(await ask()).toBe('read: 200');
  return tampered;
}

/** The honest answer, opened, changed, and sealed again: as one does it who has learned what is in it. */
const resealed =
  (change: (answer: BinaryResponse, request: Request) => BinaryResponse | Promise<BinaryResponse>): Tamper =>
  async (request, forward) => {
    const answer = await victim.open(await forward());
    return sealedAnswerFor(victim.recipient, await change(answer, request));
  };

const forged = async (): Promise<BinaryResponse> => ({
  status: 200,
  headers: [['content-type', 'application/json']],
  content: utf8('{"owner":"mallory"}'),
});

const problemOf = (status: number, type: string): BinaryResponse => ({
  status,
  headers: [
    ['content-type', 'application/problem+json'],
    ['retry-after', '5'],
  ],
  content: utf8(JSON.stringify({ type: `urn:cale:problem:${type}`, title: 'A title.', status })),
});

describe('a sealed problem without a signature', () => {
  test.each([
    [503, 'unavailable'],
    [500, 'origin-failed'],
  ])('is a refusal where the origin could not be asked to sign it: %i %s', async (status, type) => {
    expect(await outcome(() => sealedAnswerFor(victim.recipient, problemOf(status, type)))).toMatch(
      new RegExp(`^refused: .*A title\\. \\(${type}\\)$`),
    );
  });

  test.each<[string, BinaryResponse]>([
    ['of another status', problemOf(400, 'unavailable')],
    ['of an application', problemOf(503, 'no-such-account')],
    ['with a word of its own', { ...problemOf(503, ''), content: utf8('unavailable') }],
  ])('is as unreadable as any answer: one %s', async (_, answer) => {
    expect(await outcome(() => sealedAnswerFor(victim.recipient, answer))).toBe(UNREADABLE);
  });

  test('is unreadable where it can have been altered', async () => {
    const answer = problemOf(503, 'unavailable');
    expect(await outcome(() => sealedAnswerFor(victim.recipient, answer, 'AES-256-CBC'))).toBe(UNREADABLE);
  });
});

const withField = (change: (name: string, value: string) => [string, string][]) =>
  resealed((answer) => ({ ...answer, headers: answer.headers.flatMap(([name, value]) => change(name, value)) }));
const without = (...names: string[]) => withField((name, value) => (names.includes(name) ? [] : [[name, value]]));
const replaced = (field: string, value: (before: string) => string) =>
  withField((name, before) => [[name, name === field ? value(before) : before]]);

describe('a signed answer is read as it is, and not', () => {
  test('when nothing of it is changed', async () => {
    expect(await outcome(resealed((answer) => answer))).toBe('read: 200');
  });

  test.each<[string, Tamper]>([
    ['with another status', resealed((answer) => ({ ...answer, status: 403 }))],
    ['with another content', resealed((answer) => ({ ...answer, content: utf8('{"owner":"mallory"}') }))],
    ['with no content', resealed((answer) => ({ ...answer, content: new Uint8Array(0) }))],
    ['without a field', without('content-type')],
    ['without its digest', without('content-digest')],
    ['with one field more', resealed((answer) => ({ ...answer, headers: [...answer.headers, ['x-more', '1']] }))],
    [
      'with a field twice',
      resealed((answer) => ({ ...answer, headers: [...answer.headers, ['content-type', 'text/html']] })),
    ],
    ['with another value of a field', replaced('content-type', () => 'text/html')],
    ['with another name of a field', withField((name, value) => [[name.replace('content-type', 'x-type'), value]])],
    ['without its signature', without('signature', 'signature-input')],
    ['without the bytes of the signature', without('signature')],
    ['without what the signature covers', without('signature-input')],
    [
      'with its signature twice',
      withField((name, value) => Array(name.startsWith('signature') ? 2 : 1).fill([name, value])),
    ],
    ['with another label', withField((name, value) => [[name, value.replace(/^cale=/, 'sig1=')]])],
    ['with another tag', replaced('signature-input', (value) => value.replace(ANSWER_TAG, 'cale-request'))],
    ['with another alg', replaced('signature-input', (value) => value.replace('ecdsa-p256-sha256', 'hmac-sha256'))],
    ['without the alg', replaced('signature-input', (value) => value.replace(/;alg="[^"]*"/, ''))],
    ['with a component less', replaced('signature-input', (value) => value.replace('"content-type" ', ''))],
    [
      'with the components in another order',
      replaced('signature-input', (value) => value.replace(/("@status") ("[^"]*")/, '$2 $1')),
    ],
    ['with a time', replaced('signature-input', (value) => `${value};created=1`)],
    [
      'with an altered signature',
      replaced('signature', (value) => value.replace(/:(.)/, (_, first) => `:${first === 'A' ? 'B' : 'A'}`)),
    ],
    ['with an empty signature', replaced('signature', () => 'cale=::')],
    ['with a signature that is none', replaced('signature', () => 'cale="x"')],
  ])('%s', async (_, how) => {
    expect(await outcome(how)).toBe(UNREADABLE);
  });

  test.each<[string, Tamper]>([
    ['unsigned', async () => sealedAnswerFor(victim.recipient, await forged())],
    [
      'unsigned, with the status of an error',
      async () => sealedAnswerFor(victim.recipient, { ...(await forged()), status: 404 }),
    ],
    ['not even Binary HTTP', async () => sealedAnswerFor(victim.recipient, { ...(await forged()), status: 99 })],
  ])('made by one who has the public key, %s', async (_, how) => {
    expect(await outcome(how)).toBe(UNREADABLE);
  });
});

describe('an honest answer is not read', () => {
  /** Has the edge asked for something else than the client asks for. */
  const asked =
    (change: (request: Request) => Request): Tamper =>
    (request, forward) =>
      forward(change(request));
  const withHeaders = (change: (headers: Headers) => void) =>
    asked((request) => {
      const headers = new Headers(request.headers);
      change(headers);
      return new Request(request, { headers });
    });

  test.each<[string, Tamper, string, RequestInit]>([
    ['to another path', asked((request) => new Request(`${EDGE}/resource/7`, request)), PATH, {}],
    ['to another query', asked((request) => new Request(`${EDGE}/mirror?amount=2`, request)), '/mirror?amount=1', {}],
    [
      'to a request with another nonce',
      withHeaders((headers) => headers.set('CALE-Nonce', `${Math.floor(Date.now() / 1000)}.AAAAAAAAAAAAAAAAAAAAAA`)),
      PATH,
      {},
    ],
    [
      'to a request without a nonce, which is not signed',
      withHeaders((headers) => headers.delete('CALE-Nonce')),
      PATH,
      {},
    ],
    ['that is the body only', withHeaders((headers) => headers.delete('CALE-Accept')), PATH, {}],
  ])('%s', async (_, how, path, init) => {
    const { pathname } = new URL(path, EDGE);
    expect(await outcome({ [pathname]: how }, path, init)).toBe(UNREADABLE);
  });

  test('to GET for one to OPTIONS', async () => {
    const sealed = '/.well-known/cale/sealed';
    const get = asked(({ headers }) => {
      const fields = new Headers(headers);
      fields.delete('Content-Type');
      return new Request(`${EDGE}/mirror`, { headers: fields });
    });
    // Sealed, because pages send it to other origins in no other way.
    expect(await outcome({ [sealed]: get }, '/mirror', { method: 'OPTIONS', seal: true })).toBe(UNREADABLE);
    expect(await outcome({ [sealed]: get }, '/mirror', { method: 'GET', seal: true })).toBe('read: 200');
  });

  test('that was given before', async () => {
    let before: Response | undefined;
    const record: Tamper = async (_, forward) => {
      before = await forward();
      return before.clone();
    };
    expect(await outcome(record)).toBe('read: 200');
    expect(await outcome(async () => before?.clone() as Response)).toBe(UNREADABLE);
  });

  test('to another client, even when that one asks with the same nonce and hands its answer on', async () => {
    const mallory = await createVictim({ edge: EDGE, authorization: BOB });
    const handedOn: Tamper = async (request, forward) => {
      const headers = new Headers(request.headers);
      headers.set('CALE-GUID', mallory.account.guid);
      const answer = await mallory.open(await forward(new Request(request, { headers })));
      expect(new TextDecoder().decode(answer.content)).toContain('bob');
      return sealedAnswerFor(victim.recipient, answer);
    };
    expect(await outcome(handedOn)).toBe(UNREADABLE);
  });

  test('to a write, for another write', async () => {
    const init = { method: 'POST', body: 'an answer that is signed' };
    const elsewhere = asked((request) => new Request(`${EDGE}/mirror`, { method: 'GET', headers: request.headers }));
    expect(await outcome({ '/echo': elsewhere }, '/echo', init)).toBe(UNREADABLE);
  });
});

/** What a signer does otherwise than an origin. */
interface Differences {
  readonly components?: (components: Component[]) => Component[];
  readonly request?: (request: RequestMessage) => RequestMessage;
  readonly keyid?: string;
  readonly alg?: string | undefined;
  readonly tag?: string;
}

async function signerOf({ key }: Certified): Promise<HttpSigner> {
  const { publicKey, pkcs8 } = key;
  return createHttpSigner({ certificates: '', publicKey, keyIdentifier: await keyIdentifier(publicKey), pkcs8 });
}

const messageOf = ({ method, url, headers }: Request): RequestMessage => ({
  method,
  targetUri: url,
  fields: [...headers],
});

/** Signs the content by a key of the signer's own, as an origin does but for the differences. */
async function signedBy(
  signer: HttpSigner,
  answer: BinaryResponse,
  request: Request,
  { components = (all) => all, request: about = (same) => same, tag = ANSWER_TAG, ...differences }: Differences,
): Promise<BinaryResponse> {
  const { status, content } = answer;
  const message = about(messageOf(request));
  const signed = await signAnswer({ status, fields: answer.headers, request: message }, content, signer);
  const fields = signed.filter(([name]) => name !== 'signature' && name !== 'signature-input');
  const parameters = { keyid: signer.keyid, alg: signer.alg, ...differences, tag };
  const covered = components(answerComponents(fields));
  const signature = await signMessage({ status, fields, request: message }, covered, parameters, signer.sign);
  return { ...answer, headers: [...fields, ...Object.entries(signature)] };
}

/** An edge that publishes a certificate, and answers that are signed by its key. */
const publishing = (
  certificate: string,
  signer: HttpSigner,
  differences: Differences = {},
): Record<string, Tamper> => ({
  ...withDocument(({ originCertificates, ...document }) => ({
    ...document,
    originCertificates: [...(originCertificates as string[]), certificate],
  })),
  [PATH]: async (request) =>
    sealedAnswerFor(victim.recipient, await signedBy(signer, await forged(), request, differences)),
});

describe('an answer that is signed by a key of another certificate', () => {
  /** With a victim that has not seen the key before. */
  async function outcomeFor(by: TestAuthority, fields: CertificateFields): Promise<string> {
    victim = await createVictim({ edge: EDGE, authorization: ALICE });
    const certified = await certify(by, fields);
    return outcome(publishing(certified.certificate, await signerOf(certified)));
  }

  test('is read when an origin’s certificate is published for it', async () => {
    expect(await outcomeFor(authority, {})).toBe('read: 200');
  });

  test.each<[string, CertificateFields]>([
    ['of a client', { extKeyUsage: [ID_KP_CLIENT_AUTH] }],
    ['of a client and of an origin', { extKeyUsage: [ID_KP_SERVER_AUTH, ID_KP_CLIENT_AUTH] }],
    ['of a client’s kind, for key agreement', { extKeyUsage: [ID_KP_CLIENT_AUTH], keyUsage: 'keyAgreement' }],
    ['without a purpose', { extKeyUsage: [] }],
    ['for requests to be sealed to', { keyUsage: 'keyAgreement' }],
    ['that has ended', { notBefore: -2, notAfter: -1 }],
    ['that has not begun', { notBefore: 1, notAfter: 2 }],
    ['of a CA', { isCa: true, keyUsage: 'keyCertSign' }],
    ['of a CA that signs', { isCa: true }],
  ])('is not, by one %s', async (_, fields) => {
    expect(await outcomeFor(authority, fields)).toBe(UNREADABLE);
  });

  test.each<[string, (authority: TestAuthority) => Promise<TestAuthority>]>([
    ['another authority of the same name', createRogueAuthority],
    ['one that signs in the authority’s name', impersonate],
  ])('is not, by %s, which is published too', async (_, authorityOf) => {
    victim = await createVictim({ edge: EDGE, authorization: ALICE });
    const rogue = await authorityOf(authority);
    const certified = await certify(rogue);
    const lies = publishing(certified.certificate, await signerOf(certified));
    const both = withDocument(({ authorityCertificates, originCertificates, ...document }) => ({
      ...document,
      authorityCertificates: [rogue.certificate, ...(authorityCertificates as string[])],
      originCertificates: [certified.certificate, ...(originCertificates as string[])],
    }));
    expect(await outcome({ ...lies, ...both })).toBe(UNREADABLE);
  });

  test('is not, by a client with the certificate by which the authority says who it is', async () => {
    const mallory = await createVictim({ edge: EDGE, authorization: BOB });
    const { pem } = await mallory.client.whoami();
    const { signingKey, keyIdentifier } = mallory.account.key;
    if (signingKey === undefined) throw new Error('no key to sign with');
    const { alg, algorithm } = httpAlgorithmOfPrivateKey(signingKey);
    const signer: HttpSigner = {
      keyid: encodeBase64Url(keyIdentifier),
      alg,
      sign: async (base) => new Uint8Array(await crypto.subtle.sign(algorithm, signingKey, base)),
    };
    expect(await outcome(publishing(pem, signer))).toBe(UNREADABLE);
  });
});

describe('an answer that an origin’s key signs', () => {
  let certified: Certified;
  beforeAll(async () => {
    certified = await certify(authority);
  });
  const signed = async (differences: Differences) =>
    outcome(publishing(certified.certificate, await signerOf(certified), differences));
  const not =
    (name: string) =>
    (components: Component[]): Component[] =>
      components.filter((each) => each.name !== name);

  const withOther =
    (field: string) =>
    ({ fields, ...request }: RequestMessage): RequestMessage => ({
      ...request,
      fields: fields.map(([name, value]) => [
        name,
        name === field ? value.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')) : value,
      ]),
    });

  test('is read when it covers all', async () => {
    expect(await signed({})).toBe('read: 200');
  });

  test.each(['@status', 'content-type', 'content-digest', '@method', '@target-uri', 'cale-nonce', 'cale-key'])(
    'is not read when the signature does not cover %s',
    async (name) => {
      expect(await signed({ components: not(name) })).toBe(UNREADABLE);
    },
  );

  test.each<[string, Differences]>([
    ['under another tag', { tag: 'cale-request' }],
    ['without a tag', { tag: '' }],
    ['by an algorithm of another key', { alg: 'ecdsa-p384-sha384' }],
    ['by an algorithm that is none', { alg: 'none' }],
    ['for another method', { request: (request) => ({ ...request, method: 'HEAD' }) }],
    ['for another address', { request: (request) => ({ ...request, targetUri: `${EDGE}/resource/7` }) }],
    ['for another nonce', { request: withOther('cale-nonce') }],
    ['for another client', { request: withOther('cale-key') }],
  ])('is not read %s', async (_, differences) => {
    expect(await signed(differences)).toBe(UNREADABLE);
  });

  test('is read when the key is new, and its certificate is asked for once', async () => {
    const { client, middle } = await createVictim({ edge: EDGE, authorization: ALICE });
    const rotated = await certify(authority);
    const signer = await signerOf(rotated);
    const recipient = await recipientOf(middle.requests);
    const before = middle.requests.length;
    middle.tamper(
      byPath({
        ...publishing(rotated.certificate, signer),
        [PATH]: async (request) => sealedAnswerFor(recipient, await signedBy(signer, await forged(), request, {})),
      }),
    );
    for (let again = 0; again < 3; again++) expect(await outcomeOf(client.fetch(PATH))).toBe('read: 200');
    const asked = middle.requests.slice(before).map(({ url }) => new URL(url).pathname);
    expect(asked).toEqual([PATH, '/.well-known/cale', PATH, PATH]);
  });

  test('is read by each algorithm of an RSA key, one after the other', async () => {
    const rsa = await certify(authority, {}, 'RSA-2048');
    const byPkcs1 = await signerOf(rsa);
    const algorithm = { name: 'RSA-PSS', hash: 'SHA-512' };
    const key = await crypto.subtle.importKey('pkcs8', rsa.key.pkcs8, algorithm, false, ['sign']);
    const byPss: HttpSigner = {
      ...byPkcs1,
      alg: 'rsa-pss-sha512',
      sign: async (base) => new Uint8Array(await crypto.subtle.sign({ name: 'RSA-PSS', saltLength: 64 }, key, base)),
    };
    for (const signer of [byPkcs1, byPss, byPkcs1]) {
      expect(await outcome(publishing(rsa.certificate, signer))).toBe('read: 200');
    }
    const mixed = { ...byPkcs1, alg: 'rsa-pss-sha512' };
    expect(await outcome(publishing(rsa.certificate, mixed))).toBe(UNREADABLE);
  });

  test('is not read under the keyid of another key that is published', async () => {
    const other = await certify(authority);
    const { keyid } = await signerOf(other);
    const tampers = publishing(certified.certificate + other.certificate, await signerOf(certified), { keyid });
    expect(await outcome(tampers)).toBe(UNREADABLE);
  });
});

test('an edge that says no more that answers are signed is not given unsigned ones for it', async () => {
  const silent = withDocument(({ originCertificates, ...document }) => document);
  const unsigned = { ...silent, [PATH]: async () => sealedAnswerFor(victim.recipient, await forged()) };
  expect(await outcome(unsigned)).toBe(UNREADABLE);
  // One that was not there when the account was registered, and asks for the document before it writes.
  const loaded = await CaleClient.load({ edge: EDGE, store: victim.store, fetch: victim.middle.fetch });
  const write = () => outcomeOf(loaded?.fetch('/echo', { method: 'POST', body: 'x' }) as Promise<Response>);
  victim.middle.tamper(byPath({ ...silent, '/echo': async () => sealedAnswerFor(victim.recipient, await forged()) }));
  expect(await write()).toBe(UNREADABLE);
  victim.middle.tamper(byPath(silent));
  expect(await write()).toBe('read: 200');
  expect(victim.account.answersSigned).toBe(true);
});

test('only where the edge has never published a certificate are unsigned answers read', async () => {
  const { middle } = victim;
  middle.tamper(byPath(withDocument(({ originCertificates, ...document }) => document)));
  const store = new MemoryKeyStore();
  const unsigned = await CaleClient.register({ edge: EDGE, authorization: ALICE, store, fetch: middle.fetch });
  const account = await store.get({ edge: EDGE, name: 'default' });
  expect(account?.answersSigned).toBe(false);
  expect(await outcomeOf(unsigned.fetch(PATH))).toBe('read: 200');
});
