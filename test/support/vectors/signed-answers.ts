/** Answers in Binary HTTP that the origin signs for one request, and altered ones. */

import { createHttpSigner, type HttpSigner, parseSigningKey } from '../../../origin/keys.ts';
import { signAnswer } from '../../../origin/respond.ts';
import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { httpAlgorithms } from '../../../shared/crypto/signatures/schemes.ts';
import { encodeBase64, parseBase64 } from '../../../shared/encoding/base64.ts';
import { encodeResponse } from '../../../shared/encoding/bhttp/response.ts';
import { concat, parseUtf8, utf8 } from '../../../shared/encoding/bytes.ts';
import { encodeContentDigest } from '../../../shared/protocol/content-digest.ts';
import { SEALED_PATH } from '../../../shared/protocol/endpoints.ts';
import { type Component, encodeSignatureBase, parseSignatureFields } from '../../../shared/protocol/http-signature.ts';
import { padme } from '../../../shared/protocol/padding.ts';
import { ANSWER_TAG, answerComponents } from '../../../shared/protocol/signed-answer.ts';
import { type Bytes, derOf, flip, nonceOf, sealedBody } from './bytes.ts';
import { EDGE, messageOf, NONCE, OTHER_NONCE } from './exchange.ts';
import type { KeptTests } from './kept.ts';
import { type ClientKey, recipientOf } from './keys.ts';
import { linesOf, type Raw, signRaw } from './raw-signature.ts';
import {
  type AnsweredRequest,
  type EdgeFile,
  type Fields,
  type SealedBody,
  type SignedAnswerVector,
  VECTORS_VERSION,
  type VectorFile,
} from './schema.ts';

type Keys = (id: string) => ClientKey;

interface Answer {
  readonly status: number;
  readonly fields: Fields;
  readonly content: Uint8Array;
}

const REQUEST_ID = ['cale-request-id', 'Wb1Xq0p9bXvPZ3Wq0dS9Hg'] as const;
const ANSWER: Answer = {
  status: 200,
  fields: [['content-type', 'application/json'], REQUEST_ID],
  content: utf8('{"owner":"alice","balance":5}'),
};

/** Valid answers, of every form that the rules tell apart. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  'a problem': {
    status: 404,
    fields: [['content-type', 'application/problem+json'], REQUEST_ID],
    content: utf8('{"title":"Not found","status":404}'),
  },
  'no content': { status: 204, fields: [REQUEST_ID], content: new Uint8Array(0) },
  'several lines of a field': {
    ...ANSWER,
    fields: [
      ['link', '</a>; rel="next"'],
      ['content-type', 'text/plain'],
      ['link', '</b>; rel="prev"'],
      ['x-empty', ''],
    ],
  },
  'white space around a value': { ...ANSWER, fields: [['x-place', ' \t here  and there ']] },
  'Set-Cookie, as bytes': {
    ...ANSWER,
    fields: [
      ['set-cookie', 'a=1; Expires=Thu, 26 Nov 2026 08:00:00 GMT'],
      ['set-cookie', 'b=2'],
    ],
  },
  'a value that is not ASCII, as bytes': { ...ANSWER, fields: [['x-place', 'caf\u00e9']] },
};

export async function makeSignedAnswers(
  kept: KeptTests<SignedAnswerVector>,
  keys: Keys,
  edge: EdgeFile,
): Promise<VectorFile<SignedAnswerVector>> {
  const maker = new AnswerMaker(kept, keys, edge);
  const tests: SignedAnswerVector[] = [];
  for (const key of KEY_TYPE_NAMES) tests.push(await maker.valid(`to ${key}`, ANSWER, { key }));
  for (const signer of ['origin-P-384', 'origin-P-521', 'origin-RSA-2048']) {
    tests.push(await maker.valid(`by ${signer}`, ANSWER, { signer }));
  }
  tests.push(await maker.valid('by RSASSA-PSS', ANSWER, { signer: 'origin-RSA-2048', pss: true }));
  for (const [id, answer] of Object.entries(ANSWERS)) tests.push(await maker.valid(id, answer, {}));
  tests.push(await maker.beside('other members beside it'));
  tests.push(await maker.valid('in ChaCha20-Poly1305', ANSWER, { cipher: 'ChaCha20-Poly1305' }));
  tests.push(await maker.valid('in AES-CBC', ANSWER, { cipher: 'AES-256-CBC' }));
  const inner = { method: 'GET', targetUri: `${EDGE}/balance?currency=EUR` };
  const outer = { method: 'POST', targetUri: EDGE + SEALED_PATH };
  tests.push(await maker.valid('to a sealed request', ANSWER, { requests: [inner, outer] }));
  tests.push(
    await maker.valid('to a sealed request that was not opened', ANSWER, { requests: [inner, outer], signed: 1 }),
  );
  return { version: VECTORS_VERSION, tests: [...tests, ...(await maker.refused(tests)), ...(await maker.unsigned())] };
}

/** The parts in which tests differ. */
interface How {
  /** Id of the client's key. */
  readonly key?: string;
  /** Party that signs. */
  readonly signer?: string;
  readonly pss?: boolean;
  readonly cipher?: ContentEncryptionName;
  readonly requests?: readonly Pick<AnsweredRequest, 'method' | 'targetUri'>[];
  /** Index of the request that the signature is for. */
  readonly signed?: number;
}

const GET = { method: 'GET', targetUri: `${EDGE}/balance?currency=EUR` };

/** A signature of another kind than the origin's own. */
interface Forged {
  readonly reason: string;
  readonly components?: (components: readonly Component[]) => readonly Component[];
  readonly tag?: string;
  readonly signer?: string;
  readonly alg?: string;
  /** The request that it is signed for. */
  readonly request?: Partial<AnsweredRequest> & { readonly otherKey?: string };
  /** Changes of what is signed. */
  readonly raw?: (raw: Raw) => Raw;
  /** Changes of the answer when it is signed. */
  readonly change?: (answer: Answer) => Answer;
}

const without = (name: string) => (components: readonly Component[]) => components.filter((each) => each.name !== name);
const withField =
  (name: string, change: (value: string) => string) =>
  ({ fields, ...answer }: Answer): Answer => ({
    ...answer,
    fields: fields.map(([each, value]) => [each, each === name ? change(value) : value] as const),
  });

const FORGED: Readonly<Record<string, Forged>> = {
  'status changed': {
    reason: 'The status was 200 when it was signed.',
    change: (answer) => ({ ...answer, status: 201 }),
  },
  'content changed': {
    reason: 'The content is another one than the digest is of.',
    change: (answer) => ({ ...answer, content: utf8('{"owner":"alice","balance":6}') }),
  },
  'content and digest changed': {
    reason: 'Content and digest are those of another answer.',
    change: (answer) => ({
      ...withField('content-digest', () => 'sha-256=:ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=:')(answer),
      content: utf8('a'),
    }),
  },
  'field changed': {
    reason: 'The Content-Type was application/json when it was signed.',
    change: withField('content-type', () => 'text/html'),
  },
  'field added': {
    reason: 'A field was added, which the signature does not cover.',
    change: ({ fields, ...answer }) => ({ ...answer, fields: [...fields, ['location', 'https://example.net/']] }),
  },
  'field removed': {
    reason: 'A field was removed, which the signature covers.',
    change: ({ fields, ...answer }) => ({ ...answer, fields: fields.filter(([name]) => name !== 'cale-request-id') }),
  },
  'signature changed': {
    reason: 'One byte of the signature was changed.',
    change: withField('signature', (value) => value.replace(/.(?=.{8}:$)/, (each) => (each === 'A' ? 'B' : 'A'))),
  },
  'signature of another length': {
    reason: 'The signature lacks its last three bytes.',
    change: withField('signature', (value) => value.replace(/.{4}==:$/, '==:')),
  },
  'no signature': {
    reason: 'There are no fields of a signature.',
    change: ({ fields, ...answer }) => ({
      ...answer,
      fields: fields.filter(([name]) => !name.startsWith('signature')),
    }),
  },
  'under another label': {
    reason: 'The label is sig1.',
    change: (answer) =>
      withField('signature', (value) => value.replace(/^cale=/, 'sig1='))(
        withField('signature-input', (value) => value.replace(/^cale=/, 'sig1='))(answer),
      ),
  },
  'label twice': {
    reason: 'Signature-Input has two members under the label.',
    change: withField('signature-input', (value) => `${value}, ${value}`),
  },
  'another nonce': {
    reason: 'It is signed for another nonce.',
    request: { nonce: OTHER_NONCE },
  },
  'another URL': { reason: 'It is signed for another query.', request: { targetUri: `${EDGE}/balance?currency=USD` } },
  'another method': { reason: 'It is signed for a POST.', request: { method: 'POST' } },
  'another client': { reason: 'It is signed for another client.', request: { otherKey: 'P-256-other' } },
  'status not covered': { reason: 'The signature does not cover @status.', components: without('@status') },
  'digest not covered': {
    reason: 'The signature does not cover content-digest.',
    components: without('content-digest'),
  },
  'field not covered': { reason: 'The signature does not cover content-type.', components: without('content-type') },
  'method not covered': {
    reason: 'The signature does not cover @method of the request.',
    components: without('@method'),
  },
  'URL not covered': {
    reason: 'The signature does not cover @target-uri of the request.',
    components: without('@target-uri'),
  },
  'nonce not covered': {
    reason: 'The signature does not cover cale-nonce of the request.',
    components: without('cale-nonce'),
  },
  'key not covered': {
    reason: 'The signature does not cover cale-key of the request.',
    components: without('cale-key'),
  },
  'tag of a request': { reason: 'The tag is cale-request.', tag: 'cale-request' },
  'alg of another type of key': { reason: 'The alg is that of P-384.', alg: 'ecdsa-p384-sha384' },
  'component twice': {
    reason: 'The list has content-type twice.',
    components: (components) => [...components, { name: 'content-type' }],
  },
  'component with another parameter': {
    reason: 'The list has "content-type";sf.',
    raw: (raw) => ({ ...raw, lines: [...raw.lines, ['"content-type";sf', 'application/json']] }),
  },
  'component in capitals': {
    reason: 'The list has "Content-Type".',
    raw: (raw) => ({ ...raw, lines: [...raw.lines, ['"Content-Type"', 'application/json']] }),
  },
  'field as bytes': {
    reason: 'The signature covers content-type as bytes only.',
    raw: ({ lines, parameters }) => ({
      parameters,
      lines: lines.map(([identifier, value]) =>
        identifier === '"content-type"' ? ['"content-type";bs', `:${btoa(value)}:`] : [identifier, value],
      ),
    }),
  },
  'tag as a token': {
    reason: 'The tag is a token, and not a string.',
    raw: ({ lines, parameters }) => ({ lines, parameters: parameters.replace('"cale-answer"', 'cale-answer') }),
  },
  'no keyid': {
    reason: 'There is no keyid.',
    raw: ({ lines, parameters }) => ({ lines, parameters: parameters.replace(/;keyid="[^"]*"/, '') }),
  },
  'by another authority': {
    reason: 'Another authority of the same name certified the key.',
    signer: 'of-other-authority',
  },
  'by a client': { reason: 'The key has the certificate of a client.', signer: 'for-clients' },
  'by the key for sealed requests': {
    reason: 'The certificate of the key is for keyAgreement.',
    signer: 'origin-encryption',
  },
  'by a key whose certificate has ended': { reason: 'The certificate ended on 2 January 2026.', signer: 'ended' },
};

const unchanged = (value: string): string => value;
/** Other members, before and behind the one under the label. */
const BESIDE: Readonly<Record<string, (value: string) => string>> = {
  'signature-input': (value) => `a=("@status" "@path";req);created=1795614336;keyid="of another", ${value}, b`,
  signature: (value) => `a=:AAAA:, ${value}`,
};

const problemOf = (name: string, status: number): Answer => ({
  status,
  fields: [['content-type', 'application/problem+json'], REQUEST_ID],
  content: utf8(JSON.stringify({ type: `urn:cale:problem:${name}`, title: 'It did not work.', status })),
});

/** Answers that nobody signed: some of them are refusals. */
const UNSIGNED: Readonly<Record<string, Answer & { readonly problem?: string; readonly reason: string }>> = {
  'unsigned: the edge cannot reach the origin': {
    ...problemOf('unavailable', 503),
    problem: 'unavailable',
    reason: 'It is not signed, and is the problem unavailable.',
  },
  'unsigned: the origin cannot sign': {
    ...problemOf('origin-failed', 500),
    problem: 'origin-failed',
    reason: 'It is not signed, and is the problem origin-failed.',
  },
  'unsigned: another problem': {
    ...problemOf('proof-not-valid', 500),
    reason: 'It is not signed, and is the problem proof-not-valid.',
  },
  'unsigned: a lower status': {
    ...problemOf('unavailable', 403),
    reason: 'It is not signed, and is the problem unavailable with a status of 403.',
  },
  'unsigned: an answer': { ...ANSWER, reason: 'It is not signed.' },
};

class AnswerMaker {
  readonly #kept: KeptTests<SignedAnswerVector>;
  readonly #keys: Keys;
  readonly #edge: EdgeFile;

  constructor(kept: KeptTests<SignedAnswerVector>, keys: Keys, edge: EdgeFile) {
    this.#kept = kept;
    this.#keys = keys;
    this.#edge = edge;
  }

  async valid(id: string, answer: Answer, how: How): Promise<SignedAnswerVector> {
    const { key = 'P-256', requests = [GET], cipher = 'AES-256-GCM', signed = 0 } = how;
    const { status, content } = answer;
    const all = requests.map((each) => this.#requestOf(each, key));
    const given = { id, key, requests: all, valid: true, status, content: encodeBase64(content) };
    return this.#kept.take(given, async () => {
      const signer = how.pss ? await this.#pssSigner(how.signer ?? '') : this.#signer(how.signer);
      const request = messageOf(all[signed] ?? this.#requestOf(GET, key));
      const fields = await signAnswer({ ...answer, request }, Uint8Array.from(content), signer);
      const message = encodeResponse({ status, headers: fields, content: Uint8Array.from(content) }, padme);
      return {
        fields,
        signatureBase: parseUtf8(encodeSignatureBase(parseSignatureFields(fields), { status, fields, request })),
        message: encodeBase64(message),
        sealed: await this.#sealed(cipher, message, key),
      };
    });
  }

  /** @returns a valid answer whose fields of the signature have other members too, which are left alone. */
  async beside(id: string): Promise<SignedAnswerVector> {
    const { status, content } = ANSWER;
    const request = this.#requestOf(GET, 'P-256');
    const given = { id, key: 'P-256', requests: [request], valid: true, status, content: encodeBase64(content) };
    return this.#kept.take(given, async () => {
      const signed = await signAnswer(
        { ...ANSWER, request: messageOf(request) },
        Uint8Array.from(content),
        this.#signer(),
      );
      const fields = signed.map(([name, value]) => [name, (BESIDE[name] ?? unchanged)(value)] as const);
      const message = encodeResponse({ status, headers: fields, content: Uint8Array.from(content) }, padme);
      const base = encodeSignatureBase(parseSignatureFields(signed), {
        status,
        fields: signed,
        request: messageOf(request),
      });
      return {
        fields,
        signatureBase: parseUtf8(base),
        message: encodeBase64(message),
        sealed: await this.#sealed('AES-256-GCM', message),
      };
    });
  }

  /** @returns answers without a signature. The one in AES-CBC is that of the first, which is a refusal. */
  async unsigned(): Promise<SignedAnswerVector[]> {
    const tests: SignedAnswerVector[] = [];
    for (const [id, { problem, reason, ...answer }] of Object.entries(UNSIGNED)) {
      tests.push(await this.#unsigned(id, answer, 'AES-256-GCM', problem, reason));
    }
    const inCbc = 'It is not signed, and in AES-CBC anybody on the way could have made it.';
    const answer = problemOf('unavailable', 503);
    tests.push(await this.#unsigned('unsigned: in AES-CBC', answer, 'AES-256-CBC', undefined, inCbc));
    return tests;
  }

  #unsigned(
    id: string,
    { status, fields, content }: Answer,
    cipher: ContentEncryptionName,
    problem: string | undefined,
    reason: string,
  ): Promise<SignedAnswerVector> {
    const verdict = problem === undefined ? failing(reason) : { ...failing(reason), fault: 'refused', problem };
    const given = { id, key: 'P-256', requests: [this.#requestOf(GET, 'P-256')], ...verdict };
    return this.#kept.take(given, async () => {
      const message = encodeResponse({ status, headers: fields, content: Uint8Array.from(content) }, padme);
      return { message: encodeBase64(message), sealed: await this.#sealed(cipher, message) };
    });
  }

  async #sealed(cipher: ContentEncryptionName, message: Bytes, key = 'P-256'): Promise<SealedBody> {
    const parts = await seal(await recipientOf(this.#keys(key)), cipher, message);
    return sealedBody(concat(parts), !cipher.endsWith('CBC'));
  }

  async refused(tests: readonly SignedAnswerVector[]): Promise<SignedAnswerVector[]> {
    const refused: SignedAnswerVector[] = [];
    for (const [id, forged] of Object.entries(FORGED)) {
      const given = { id, key: 'P-256', requests: [this.#requestOf(GET, 'P-256')], ...failing(forged.reason) };
      refused.push(await this.#kept.take(given, async () => ({ message: encodeBase64(await this.#forge(forged)) })));
    }
    const inCbc = tests.find(({ id }) => id === 'in AES-CBC');
    if (inCbc?.sealed === undefined) throw new TypeError('no test in AES-CBC');
    return [...refused, alteredCbc(inCbc)];
  }

  #requestOf({ method, targetUri }: Pick<AnsweredRequest, 'method' | 'targetUri'>, key: string): AnsweredRequest {
    return { method, targetUri, nonce: NONCE, key: this.#keys(key).keyid };
  }

  async #forge({
    signer: name,
    tag = ANSWER_TAG,
    alg,
    request,
    components,
    raw: alterRaw,
    change,
  }: Forged): Promise<Bytes> {
    const { otherKey, ...changes } = request ?? {};
    const answered = { ...this.#requestOf(GET, otherKey ?? 'P-256'), ...changes };
    const fields: Fields = [
      ...ANSWER.fields,
      ['content-digest', await encodeContentDigest(Uint8Array.from(ANSWER.content))],
    ];
    const signer = this.#signer(name);
    const all = answerComponents(fields);
    const derived = {
      '"@status"': String(ANSWER.status),
      '"@method";req': answered.method,
      '"@target-uri";req': answered.targetUri,
      '"cale-nonce";req': answered.nonce,
      '"cale-key";req': answered.key,
    };
    const named = `;keyid="${signer.keyid}";alg="${alg ?? signer.alg}";tag="${tag}"`;
    const raw = { lines: linesOf(components?.(all) ?? all, fields, derived), parameters: named };
    const signature = await signRaw(alterRaw?.(raw) ?? raw, signer.sign);
    const signed = { ...ANSWER, fields: [...fields, ...signature.fields] };
    const { status, fields: headers, content } = change?.(signed) ?? signed;
    return encodeResponse({ status, headers, content: Uint8Array.from(content) }, padme);
  }

  #signingKey(name: string) {
    const party = this.#edge.parties[name];
    if (party === undefined) throw new TypeError(`no party ${name}`);
    return parseSigningKey({ key: party.key, certificates: party.certificate });
  }

  #signer(name = 'origin-P-256'): HttpSigner {
    return createHttpSigner(this.#signingKey(name));
  }

  async #pssSigner(name: string): Promise<HttpSigner> {
    const { keyid } = this.#signer(name);
    const party = this.#signingKey(name);
    const pss = httpAlgorithms(party.publicKey).find(({ alg }) => alg === 'rsa-pss-sha512');
    if (pss === undefined) throw new TypeError('not RSA');
    const key = await crypto.subtle.importKey('pkcs8', party.pkcs8, pss.keyAlgorithm, false, ['sign']);
    return {
      keyid,
      alg: pss.alg,
      sign: async (base) => new Uint8Array(await crypto.subtle.sign(pss.algorithm, key, base)),
    };
  }
}

const failing = (reason: string) => ({ valid: false, fault: 'unreadable', reason });

/** A bit of the initialisation vector was changed: the message opens, and its status is 201 in place of 200. */
function alteredCbc({ id: _, sealed, ...test }: SignedAnswerVector): SignedAnswerVector {
  const { status, fields, content, signatureBase, ...rest } = test;
  const der = derOf(sealed ?? { body: '' });
  // The framing indicator is one byte, and the status two.
  const statusAt = 2;
  return {
    id: 'AES-CBC altered',
    ...rest,
    ...failing('One bit of the initialisation vector was changed: the status is 201 and was 200.'),
    message: encodeBase64(flip(parseBase64(test.message), statusAt)),
    sealed: sealedBody(flip(der, nonceOf(der, 16) + statusAt), false),
  };
}
