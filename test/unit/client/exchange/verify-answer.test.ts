import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { isSignedAnswer } from '../../../../client/exchange/verify-answer.ts';
import { signAnswer } from '../../../../origin/respond.ts';
import { httpAlgorithms } from '../../../../shared/crypto/signatures/schemes.ts';
import type { BinaryResponse } from '../../../../shared/encoding/bhttp/response.ts';
import { utf8 } from '../../../../shared/encoding/bytes.ts';
import { encodeContentDigest } from '../../../../shared/protocol/content-digest.ts';
import {
  type Component,
  type FieldLines,
  type RequestMessage,
  signMessage,
} from '../../../../shared/protocol/http-signature.ts';
import { newNonce } from '../../../../shared/protocol/nonce.ts';
import { ANSWER_TAG, answerComponents } from '../../../../shared/protocol/signed-answer.ts';
import { SEALING_KEY_TYPES } from '../../../support/keys.ts';
import { anyContent, anyFields, createSigner, type Signer, signWith } from '../../../support/signing.ts';

const NOW = Date.UTC(2027, 0, 1);
const CONTENT = utf8('{"balance":1}');
const REQUEST: RequestMessage = {
  method: 'GET',
  targetUri: 'https://api.example.com/balance?of=all',
  fields: [
    ['cale-nonce', newNonce(NOW)],
    ['cale-key', 'key-of-the-client'],
    ['accept', 'application/json'],
  ],
};
const FIELDS: FieldLines = [
  ['content-type', 'application/json'],
  ['set-cookie', 'a=1; Expires=Fri, 01 Jan 2027 00:00:00 GMT'],
  ['set-cookie', 'b=2'],
  ['x-name', 'M\xfcller'],
];

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner('P-256');
});

/** An answer that the origin's library signs. */
async function signed(
  {
    status = 200,
    fields = FIELDS,
    content = CONTENT,
    request = REQUEST,
  }: { status?: number; fields?: FieldLines; content?: Uint8Array<ArrayBuffer>; request?: RequestMessage } = {},
  by = signer,
): Promise<BinaryResponse> {
  const [{ alg }] = httpAlgorithms(by.key.publicKey);
  const headers = await signAnswer({ status, fields, request }, content, {
    keyid: by.keyid,
    alg,
    sign: await signWith(by),
  });
  return { status, headers, content };
}

const isTaken = (
  answer: BinaryResponse,
  requests: readonly RequestMessage[] = [REQUEST],
  of: readonly Signer[] = [signer],
): Promise<boolean> =>
  isSignedAnswer(
    answer,
    requests,
    async (keyid) => {
      const found = of.find((each) => each.keyid === keyid);
      return found && { publicKey: found.key.publicKey, keyIdentifier: found.keyIdentifier };
    },
    crypto.subtle,
  );

test.each(SEALING_KEY_TYPES)('an answer that the origin signed with %s is taken', async (keyType) => {
  const by = await createSigner(keyType);
  expect(await isTaken(await signed({}, by), [REQUEST], [signer, by])).toBe(true);
  expect(await isTaken(await signed({ fields: [], content: new Uint8Array(0) }, by), [REQUEST], [by])).toBe(true);
});

/** An answer with another signature than the origin's library makes. */
async function signedOtherwise(
  change: (components: Component[]) => Component[],
  { tag = ANSWER_TAG, digest, alg }: { tag?: string; digest?: string; alg?: string } = {},
): Promise<BinaryResponse> {
  const fields: FieldLines = [...FIELDS, ['content-digest', digest ?? (await encodeContentDigest(CONTENT))]];
  const message = { status: 200, fields, request: REQUEST };
  const parameters = { keyid: signer.keyid, alg, tag };
  const signature = await signMessage(message, change(answerComponents(fields)), parameters, await signWith(signer));
  return { status: 200, headers: [...fields, ...Object.entries(signature)], content: CONTENT };
}

describe('is not taken:', () => {
  test('an answer without a signature, or with a part of one', async () => {
    const answer = await signed();
    expect(await isTaken({ status: 200, headers: FIELDS, content: CONTENT })).toBe(false);
    for (const name of ['signature', 'signature-input', 'content-digest']) {
      const headers = answer.headers.filter(([each]) => each !== name);
      expect(await isTaken({ ...answer, headers })).toBe(false);
    }
  });

  test('an answer by a key that no authority certified, also under the keyid of one', async () => {
    const other = await createSigner('P-256');
    expect(await isTaken(await signed({}, other))).toBe(false);
    expect(await isTaken(await signed({}, { ...other, keyid: signer.keyid }))).toBe(false);
  });

  test('an answer to another request of the same client', async () => {
    const answer = await signed();
    const [nonce, key, accept] = REQUEST.fields;
    if (nonce === undefined || key === undefined || accept === undefined) expect.unreachable();
    const others: RequestMessage[] = [
      { ...REQUEST, method: 'HEAD' },
      { ...REQUEST, targetUri: 'https://api.example.com/balance?of=one' },
      { ...REQUEST, targetUri: 'https://other.example.com/balance?of=all' },
      ...[[['cale-nonce', newNonce(NOW)], key], [key], [nonce, nonce, key]].map((fields) => ({
        ...REQUEST,
        fields: fields as FieldLines,
      })),
    ];
    for (const request of others) expect(await isTaken(answer, [request]), JSON.stringify(request)).toBe(false);
    expect(await isTaken(answer, others)).toBe(false);
    expect(await isTaken(answer, [])).toBe(false);
    // One of several that it may be to; and other fields of a request make no other answer.
    expect(await isTaken(answer, [...others, REQUEST])).toBe(true);
    expect(await isTaken(answer, [{ ...REQUEST, fields: [nonce, key] }])).toBe(true);
  });

  test('an answer to the same request for another client, who could have sealed it for this one', async () => {
    const answer = await signed();
    const [nonce] = REQUEST.fields;
    if (nonce === undefined) expect.unreachable();
    for (const fields of [[nonce, ['cale-key', 'key-of-another']], [nonce]] as FieldLines[]) {
      expect(await isTaken(answer, [{ ...REQUEST, fields }])).toBe(false);
    }
  });

  test('a signature that leaves out a component', async () => {
    expect(await isTaken(await signedOtherwise((all) => all))).toBe(true);
    expect(await isTaken(await signedOtherwise((all) => [...all, { name: 'accept', req: true }]))).toBe(true);
    const { length } = answerComponents([...FIELDS, ['content-digest', '']]);
    expect(length).toBe(9);
    for (let at = 0; at < length; at++) {
      expect(await isTaken(await signedOtherwise((all) => all.filter((_, each) => each !== at)))).toBe(false);
    }
    expect(await isTaken(await signedOtherwise(() => []))).toBe(false);
  });

  test('a signature over cookies as one value, in which two are not told from one', async () => {
    const joined = await signedOtherwise((all) =>
      all.map(({ name, ...rest }) => (name === 'set-cookie' ? { name } : { name, ...rest })),
    );
    expect(await isTaken(joined)).toBe(false);
  });

  test('a signature for another use', async () => {
    for (const tag of ['cale-request', ''])
      expect(await isTaken(await signedOtherwise((all) => all, { tag }))).toBe(false);
  });

  test('a signature under an algorithm that the key does not have', async () => {
    expect(await isTaken(await signedOtherwise((all) => all, { alg: 'ecdsa-p256-sha256' }))).toBe(true);
    for (const alg of ['ecdsa-p384-sha384', 'rsa-pss-sha512', 'hmac-sha256', '']) {
      expect(await isTaken(await signedOtherwise((all) => all, { alg }))).toBe(false);
    }
  });

  test('a digest that is signed and not that of the content', async () => {
    const right = await encodeContentDigest(CONTENT);
    const wrong = await encodeContentDigest(utf8('other'));
    for (const digest of [wrong, '', `${right}, ${wrong}`, right.replace('sha-256', 'sha-512')]) {
      expect(await isTaken(await signedOtherwise((all) => all, { digest }))).toBe(false);
    }
  });
});

const anyStatus = fc.integer({ min: 200, max: 599 });
const anyAnswer = fc.record({ status: anyStatus, fields: anyFields, content: anyContent });

test('a signed answer is taken, and not once anything of it is another', async () => {
  const property = fc.asyncProperty(anyAnswer, anyAnswer, fc.nat(), async (a, b, which) => {
    const [answer, other] = [await signed(a), await signed(b)];
    expect(await isTaken(answer)).toBe(true);
    const at = which % answer.headers.length;
    const field = answer.headers[at] ?? expect.unreachable();
    const [name, value] = field;
    const withHeaders = (...headers: FieldLines): BinaryResponse => ({ ...answer, headers });
    const before = answer.headers.slice(0, at);
    const behind = answer.headers.slice(at + 1);
    const altered: BinaryResponse[] = [
      { ...answer, status: a.status === 200 ? 201 : 200 },
      { ...answer, content: Uint8Array.from([...a.content, 0]) },
      ...(a.content.length > 0 ? [{ ...answer, content: a.content.slice(1) }] : []),
      withHeaders(...before, ...behind),
      withHeaders(...before, [name, `${value}!`], ...behind),
      withHeaders(...before, [name, `\xa0${value}`], ...behind),
      withHeaders(...before, [`${name}-x`, value], ...behind),
      withHeaders(...answer.headers, field),
      withHeaders(...answer.headers, ['x-more', '1']),
      withHeaders(['x-more', ''], ...answer.headers),
      // Parts of another answer to the same request.
      ...(a.status === b.status ? [] : [{ ...answer, status: b.status }]),
      ...(utf8Of(a.content) === utf8Of(b.content) ? [] : [{ ...answer, content: b.content }]),
      ...(JSON.stringify(normalized(a.fields)) === JSON.stringify(normalized(b.fields))
        ? []
        : [withHeaders(...other.headers.slice(0, b.fields.length), ...answer.headers.slice(a.fields.length))]),
    ];
    for (const each of altered) expect(await isTaken(each), JSON.stringify(each.headers)).toBe(false);
  });
  await fc.assert(property, {
    numRuns: 100,
    examples: [
      [
        { status: 200, fields: [['x', '']], content: CONTENT },
        { status: 200, fields: [['x', '\xa0']], content: CONTENT },
        0,
      ],
    ],
  });
});

const utf8Of = (bytes: Uint8Array): string => bytes.join();

/** Fields as a signature tells them apart: lines of one name are joined, except for cookies. */
function normalized(fields: FieldLines): [string, string | string[]][] {
  const names = [...new Set(fields.map(([name]) => name))].sort();
  return names.map((name) => {
    const values = fields.filter(([each]) => each === name).map(([, value]) => value);
    return [
      name,
      name === 'set-cookie' || values.some((each) => /[^\x20-\x7e\t]/.test(each)) ? values : values.join(', '),
    ];
  });
}
