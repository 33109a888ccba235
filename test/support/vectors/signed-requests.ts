/** Requests that the registered key signs, and altered ones. */

import { signRequest } from '../../../client/exchange/sign-request.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { encodeEcdsaSignature } from '../../../shared/crypto/signatures/ecdsa.ts';
import type { HttpSignatureAlgorithm } from '../../../shared/crypto/signatures/scheme.ts';
import { httpAlgorithms } from '../../../shared/crypto/signatures/schemes.ts';
import { encodeBase64 } from '../../../shared/encoding/base64.ts';
import { parseUtf8, utf8 } from '../../../shared/encoding/bytes.ts';
import { encodeContentDigest } from '../../../shared/protocol/content-digest.ts';
import { CREDENTIALS_PATH, REGISTRATION_PATH } from '../../../shared/protocol/endpoints.ts';
import {
  type Component,
  encodeSignatureBase,
  parseSignatureFields,
  type RequestMessage,
} from '../../../shared/protocol/http-signature.ts';
import { CSR_TYPE } from '../../../shared/protocol/media-types.ts';
import { REQUEST_TAG } from '../../../shared/protocol/signed-request.ts';
import { EDGE, NONCE, NOW_SECONDS, OTHER_NONCE } from './exchange.ts';
import type { KeptTests } from './kept.ts';
import type { ClientKey } from './keys.ts';
import { linesOf, signRaw } from './raw-signature.ts';
import { type Fields, type SignedRequestVector, VECTORS_VERSION, type VectorFile } from './schema.ts';

export interface Unsigned {
  readonly method: string;
  readonly targetUri: string;
  readonly fields: Fields;
  readonly content: Uint8Array;
}

export const POST: Unsigned = {
  method: 'POST',
  targetUri: `${EDGE}/transfers?dry=no`,
  fields: [
    ['cale-nonce', NONCE],
    ['content-type', 'application/json'],
  ],
  content: utf8('{"to":"bob","amount":5}'),
};
const BARE = { fields: [['cale-nonce', NONCE]] as const, content: new Uint8Array(0) };

type Signed = Pick<SignedRequestVector, 'fields' | 'signatureBase'>;

export async function makeSignedRequests(
  kept: KeptTests<SignedRequestVector>,
  keys: (id: string) => ClientKey,
): Promise<VectorFile<SignedRequestVector>> {
  const tests: SignedRequestVector[] = [];
  const take = (
    id: string,
    key: string,
    request: Unsigned,
    sign: () => Promise<Signed>,
  ): Promise<SignedRequestVector> => {
    const { method, targetUri, content } = request;
    const given = { id, key, nonce: NONCE, method, targetUri, content: encodeBase64(content), valid: true };
    return kept.take(given, sign);
  };
  for (const key of KEY_TYPE_NAMES) tests.push(await take(key, key, POST, () => sign(POST, keys(key))));
  tests.push(await take('RSA-PSS', 'RSA-2048', POST, () => signBy(POST, keys('RSA-2048'), { by: 1 })));
  tests.push(await take('without alg', 'RSA-2048', POST, () => signBy(POST, keys('RSA-2048'), { alg: undefined })));
  const revocation = { ...BARE, method: 'DELETE', targetUri: `${EDGE}${CREDENTIALS_PATH}/mUExTyB7Uiqg-qYg` };
  tests.push(await take('a revocation', 'P-256', revocation, () => sign(revocation, keys('P-256'))));
  const renewal: Unsigned = {
    method: 'POST',
    targetUri: EDGE + REGISTRATION_PATH,
    fields: [
      ['cale-nonce', NONCE],
      ['content-type', CSR_TYPE],
    ],
    content: utf8(keys('P-384').csr),
  };
  tests.push(await take('a renewal by a key of P-384', 'P-256', renewal, () => sign(renewal, keys('P-256'))));
  const untyped: Unsigned = { ...POST, method: 'PUT', fields: BARE.fields };
  tests.push(await take('content without a type', 'P-256', untyped, () => sign(untyped, keys('P-256'))));
  const more: Unsigned = { ...POST, fields: [...POST.fields, ['x-list', 'a'], ['x-list', 'b']] };
  const covered = [...COMPONENTS, { name: 'x-list' }];
  tests.push(
    await take('created, and a field more', 'P-256', more, () =>
      signBy(more, keys('P-256'), { components: covered, more: `;created=${NOW_SECONDS}` }),
    ),
  );

  const refused = await Promise.all(
    Object.entries(REFUSED).map(async ([id, { key = 'P-256', fault, reason, sign: how = {}, change }]) => {
      const { method, targetUri, content } = { ...POST, ...change };
      const given = {
        id,
        key,
        nonce: NONCE,
        method,
        targetUri,
        content: encodeBase64(content),
        valid: false,
        fault,
        reason,
      };
      return kept.take(given, async () => {
        const signer = keys(how.signer ?? 'P-256');
        const of = keys(how.keyidOf ?? key);
        const signed = await signBy({ ...POST, ...how.request }, signer, { ...how, of });
        return { fields: change?.fields?.(signed.fields) ?? signed.fields };
      });
    }),
  );
  return { version: VECTORS_VERSION, tests: [...tests, ...refused] };
}

/** Signs as the client does. */
export async function sign({ fields, content, ...request }: Unsigned, key: ClientKey): Promise<Signed> {
  const signed = await signRequest({ ...request, fields }, Uint8Array.from(content), key.accountKey, crypto.subtle);
  return { fields: signed.fields, signatureBase: baseOf(signed) };
}

const baseOf = (message: RequestMessage): string =>
  parseUtf8(encodeSignatureBase(parseSignatureFields(message.fields), message));

const COMPONENTS: readonly Component[] = ['@method', '@target-uri', 'cale-nonce', 'content-digest', 'content-type'].map(
  (name) => ({ name }),
);

/** A signature of another kind than the client's own. */
interface How {
  readonly components?: readonly Component[];
  /** Index of the algorithm in the table of the key's type. */
  readonly by?: number;
  /** In place of the algorithm's own name. */
  readonly alg?: string | undefined;
  readonly tag?: string;
  /** Parameters before the other ones: `;created=1`. */
  readonly more?: string;
  /** The key whose `keyid` it has; by default its own. */
  readonly of?: ClientKey;
  readonly form?: (signature: Uint8Array) => Uint8Array;
}

async function signBy(request: Unsigned, key: ClientKey, how: How): Promise<Signed> {
  const { components = COMPONENTS, by = 0, tag = REQUEST_TAG, more = '', of = key, form = (bytes) => bytes } = how;
  const algorithm = httpAlgorithms(key.parsed)[by] as HttpSignatureAlgorithm;
  const alg = 'alg' in how ? how.alg : algorithm.alg;
  const digest = await encodeContentDigest(Uint8Array.from(request.content));
  const fields: Fields = [...request.fields, ['content-digest', digest]];
  const derived = { '"@method"': request.method, '"@target-uri"': request.targetUri };
  const named = alg === undefined ? '' : `;alg="${alg}"`;
  const privateKey = await crypto.subtle.importKey('pkcs8', key.pkcs8, algorithm.keyAlgorithm, false, ['sign']);
  const signature = await signRaw(
    { lines: linesOf(components, fields, derived), parameters: `${more};keyid="${of.keyid}"${named};tag="${tag}"` },
    async (base) => form(new Uint8Array(await crypto.subtle.sign(algorithm.algorithm, privateKey, base))),
  );
  return { fields: [...fields, ...signature.fields], signatureBase: signature.base };
}

interface Refused {
  readonly key?: string;
  readonly fault: string;
  readonly reason: string;
  /** Another way of signing it. */
  readonly sign?: Omit<How, 'of'> & {
    readonly request?: Partial<Unsigned>;
    readonly signer?: string;
    /** The key whose keyid it has; by default that of the test. */
    readonly keyidOf?: string;
  };
  /** What is changed in it when it is signed. */
  readonly change?: Partial<Omit<Unsigned, 'fields'>> & { readonly fields?: (fields: Fields) => Fields };
}

const without = (name: string) => COMPONENTS.filter((each) => each.name !== name);
/** Fields with another value of one of them. */
const withField =
  (name: string, change: (value: string) => string) =>
  (fields: Fields): Fields =>
    fields.map(([each, value]) => [each, each === name ? change(value) : value] as const);

const REFUSED: Readonly<Record<string, Refused>> = {
  'content changed': {
    fault: 'digest-wrong',
    reason: 'The content is another one than the digest is of.',
    change: { content: utf8('{"to":"eve","amount":5}') },
  },
  'content and digest changed': {
    fault: 'signature-wrong',
    reason: 'Content and digest are those of another request.',
    change: {
      content: new Uint8Array([0x61]),
      fields: withField('content-digest', () => 'sha-256=:ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=:'),
    },
  },
  'method changed': { fault: 'signature-wrong', reason: 'The signature is over a POST.', change: { method: 'PUT' } },
  'URL changed': {
    fault: 'signature-wrong',
    reason: 'The signature is over another query.',
    change: { targetUri: `${EDGE}/transfers?dry=yes` },
  },
  'type changed': {
    fault: 'signature-wrong',
    reason: 'The Content-Type is another one.',
    change: { fields: withField('content-type', () => 'text/plain') },
  },
  'signature changed': {
    fault: 'signature-wrong',
    reason: 'One byte of the signature was changed.',
    change: {
      fields: withField('signature', (value) => value.replace(/.(?=.{8}:$)/, (each) => (each === 'A' ? 'B' : 'A'))),
    },
  },
  'signature in DER': {
    fault: 'signature-wrong',
    reason: 'The signature is a SEQUENCE of r and s, and not the two behind one another.',
    sign: { form: encodeEcdsaSignature },
  },
  'nonce of another request': {
    fault: 'nonce-not-admitted',
    reason: 'CALE-Nonce is not the nonce that was admitted.',
    sign: { request: { fields: withField('cale-nonce', () => OTHER_NONCE)(POST.fields) } },
  },
  'key of another': {
    key: 'P-256',
    fault: 'signature-wrong',
    reason: 'Another key made the signature, under the keyid of this one.',
    sign: { signer: 'P-256-other' },
  },
  'keyid of another': {
    key: 'P-256-other',
    fault: 'keyid-of-another-key',
    reason: 'The keyid is that of another key, which made the signature.',
    sign: { signer: 'P-256', keyidOf: 'P-256' },
  },
  'keyid of another, signed by this key': {
    fault: 'keyid-of-another-key',
    reason: 'The keyid is that of another key than the one that made the signature.',
    sign: { keyidOf: 'P-256-other' },
  },
  'signature with zeros before its numbers': {
    fault: 'signature-wrong',
    reason: 'r and s have 33 bytes each.',
    sign: { form: (signature) => Uint8Array.of(0, ...signature.subarray(0, 32), 0, ...signature.subarray(32)) },
  },
  expired: {
    fault: 'expired',
    reason: 'It expired 61 seconds before the time of the nonce, which the verifier has.',
    sign: { more: `;expires=${NOW_SECONDS - 61}` },
  },
  'component twice': {
    fault: 'signature-missing',
    reason: 'The list has content-type twice.',
    sign: { components: [...COMPONENTS, { name: 'content-type' }] },
  },
  'method not covered': {
    fault: 'components-missing',
    reason: 'The signature does not cover @method.',
    sign: { components: without('@method') },
  },
  'URL not covered': {
    fault: 'components-missing',
    reason: 'The signature does not cover @target-uri.',
    sign: { components: without('@target-uri') },
  },
  'nonce not covered': {
    fault: 'components-missing',
    reason: 'The signature does not cover cale-nonce.',
    sign: { components: without('cale-nonce') },
  },
  'digest not covered': {
    fault: 'components-missing',
    reason: 'The signature does not cover content-digest.',
    sign: { components: without('content-digest') },
  },
  'type not covered': {
    fault: 'components-missing',
    reason: 'The signature does not cover content-type, which the request has.',
    sign: { components: without('content-type') },
  },
  'tag of an answer': {
    fault: 'components-missing',
    reason: 'The tag is cale-answer.',
    sign: { tag: 'cale-answer' },
  },
  'alg of another type of key': {
    fault: 'alg-of-another-key',
    reason: 'The alg is that of P-384.',
    sign: { alg: 'ecdsa-p384-sha384' },
  },
  'created too late': {
    fault: 'created-in-the-future',
    reason: 'It was created 61 seconds after the time of the nonce, which the verifier has.',
    sign: { more: `;created=${NOW_SECONDS + 61}` },
  },
  'under another label': {
    fault: 'signature-missing',
    reason: 'The label is sig1.',
    change: {
      fields: (fields) =>
        fields.map(([name, value]) => [name, name.startsWith('signature') ? value.replace(/^cale=/, 'sig1=') : value]),
    },
  },
  'no signature': {
    fault: 'signature-missing',
    reason: 'There are no fields of a signature.',
    change: { fields: (fields) => fields.filter(([name]) => !name.startsWith('signature')) },
  },
  'label twice': {
    fault: 'signature-missing',
    reason: 'Signature has two members under the label.',
    change: { fields: withField('signature', (value) => `${value}, ${value}`) },
  },
};
