import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { signRequest } from '../../../client/exchange/sign-request.ts';
import { createClientKeys } from '../../../origin/client-keys.ts';
import { httpAlgorithms } from '../../../shared/crypto/signatures/schemes.ts';
import { encodeBase64 } from '../../../shared/encoding/base64.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { encodeContentDigest } from '../../../shared/protocol/content-digest.ts';
import { type FieldLines, type RequestMessage, signMessage } from '../../../shared/protocol/http-signature.ts';
import { newNonce } from '../../../shared/protocol/nonce.ts';
import { REQUEST_TAG } from '../../../shared/protocol/signed-request.ts';
import { faultOfRequest, type ProofFault } from '../../../shared/protocol/verify-request.ts';
import { SEALING_KEY_TYPES } from '../../support/keys.ts';
import { anyContent, certified, createSigner, type Signer, signWith } from '../../support/signing.ts';

const NOW = Date.UTC(2027, 0, 1);
const SECONDS = NOW / 1000;
const NONCE = newNonce(NOW);
const CONTENT = utf8('{"to":"bob"}');
const NONE = new Uint8Array(0);
const KEYS = createClientKeys(10);

/** A write with content, not signed. */
const TRANSFER: RequestMessage = {
  method: 'POST',
  targetUri: 'https://api.example.com/transfer?dry=no',
  fields: [
    ['cale-nonce', NONCE],
    ['content-type', 'application/json'],
    ['x-other', '1'],
  ],
};
/** A write without content. */
const REMOVAL: RequestMessage = {
  method: 'DELETE',
  targetUri: 'https://api.example.com/standing-orders/1',
  fields: [['cale-nonce', NONCE]],
};

const signers = new Map<string, Signer>();
beforeAll(async () => {
  for (const keyType of SEALING_KEY_TYPES) signers.set(keyType, await createSigner(keyType));
});
const signerWith = (keyType: string): Signer => signers.get(keyType) ?? expect.unreachable();

const sign = (signer: Signer, message: RequestMessage, content: Uint8Array<ArrayBuffer>) =>
  signRequest(message, content, signer.accountKey, crypto.subtle);

const faultOf = (
  signer: Signer,
  message: RequestMessage,
  content: Uint8Array<ArrayBuffer>,
  nonce: string | undefined = NONCE,
): Promise<ProofFault | undefined> => faultOfRequest(message, content, certified(signer, nonce), KEYS, NOW);

const withFields = (message: RequestMessage, ...fields: FieldLines): RequestMessage => ({
  ...message,
  fields: [...message.fields, ...fields],
});
const without = (message: RequestMessage, ...names: string[]): RequestMessage => ({
  ...message,
  fields: message.fields.filter(([name]) => !names.includes(name)),
});
const replaced = (message: RequestMessage, name: string, change: (value: string) => string): RequestMessage => ({
  ...message,
  fields: message.fields.map(([each, value]) => [each, each === name ? change(value) : value]),
});

describe.each(SEALING_KEY_TYPES)('with %s', (keyType) => {
  test('a request that the client signed has no fault, with content and without', async () => {
    const signer = signerWith(keyType);
    expect(await faultOf(signer, await sign(signer, TRANSFER, CONTENT), CONTENT)).toBeUndefined();
    expect(await faultOf(signer, await sign(signer, REMOVAL, NONE), NONE)).toBeUndefined();
  });

  test('a signature by another key of its type is wrong', async () => {
    const [signer, other] = [signerWith(keyType), await createSigner(keyType)];
    const signed = await sign(
      { ...other, accountKey: { ...other.accountKey, keyIdentifier: signer.keyIdentifier } },
      TRANSFER,
      CONTENT,
    );
    expect(await faultOf(signer, signed, CONTENT)).toBe('signature-wrong');
  });

  test('a signature of which a bit is altered, or a part cut off, is wrong', async () => {
    const signer = signerWith(keyType);
    const signed = await sign(signer, REMOVAL, NONE);
    for (const change of [
      (value: string) => value.replace(/^cale=:./, (start) => start.slice(0, -1) + (start.endsWith('A') ? 'B' : 'A')),
      () => 'cale=::',
      (value: string) => `${value.slice(0, 'cale=:'.length + 16)}:`,
    ]) {
      expect(await faultOf(signer, replaced(signed, 'signature', change), NONE)).toBe('signature-wrong');
    }
  });
});

/** A signature over other components or with other parameters than the client's. */
async function signOtherwise(
  signer: Signer,
  message: RequestMessage,
  names: readonly string[],
  changes: { readonly alg?: string; readonly keyid?: string; readonly tag?: string } = {},
): Promise<RequestMessage> {
  const { alg, keyid, tag }: { alg: string | undefined; keyid: string; tag: string } = {
    alg: undefined,
    keyid: signer.keyid,
    tag: REQUEST_TAG,
    ...changes,
  };
  const algorithm = httpAlgorithms(signer.key.publicKey).find((each) => each.alg === alg);
  const signature = await signMessage(
    message,
    names.map((name) => ({ name })),
    { keyid, alg, tag },
    await signWith(signer, algorithm),
  );
  return withFields(message, ...Object.entries(signature));
}

const REQUIRED = ['@method', '@target-uri', 'cale-nonce'];

describe('an algorithm', () => {
  const algorithmsOf = (keyType: string) => httpAlgorithms(signerWith(keyType).key.publicKey).map(({ alg }) => alg);

  test('is one of those that the key has', () => {
    expect(algorithmsOf('P-256')).toEqual(['ecdsa-p256-sha256']);
    expect(algorithmsOf('P-384')).toEqual(['ecdsa-p384-sha384']);
    // RFC 9421 6.2.2 has none for the curve.
    expect(algorithmsOf('P-521')).toEqual([undefined]);
    expect(algorithmsOf('RSA-2048')).toEqual(['rsa-v1_5-sha256', 'rsa-pss-sha512']);
  });

  test.each([
    ['P-256', 'ecdsa-p256-sha256'],
    ['P-384', 'ecdsa-p384-sha384'],
    ['RSA-2048', 'rsa-v1_5-sha256'],
    ['RSA-2048', 'rsa-pss-sha512'],
  ])('of %s can be named: %s', async (keyType, alg) => {
    const signer = signerWith(keyType);
    const signed = await signOtherwise(signer, REMOVAL, REQUIRED, { alg });
    expect(await faultOf(signer, signed, NONE)).toBeUndefined();
  });

  test('that is not named is the first one of the key', async () => {
    const signer = signerWith('RSA-2048');
    const [, pss] = httpAlgorithms(signer.key.publicKey);
    for (const [algorithm, fault] of [
      [undefined, undefined],
      [pss, 'signature-wrong'],
    ] as const) {
      const parameters = { keyid: signer.keyid, tag: REQUEST_TAG, alg: undefined };
      const components = REQUIRED.map((name) => ({ name }));
      const signature = await signMessage(REMOVAL, components, parameters, await signWith(signer, algorithm));
      expect(await faultOf(signer, withFields(REMOVAL, ...Object.entries(signature)), NONE)).toBe(fault);
    }
  });

  test.each([
    ['P-256', 'ecdsa-p384-sha384'],
    ['P-256', 'rsa-v1_5-sha256'],
    ['P-256', 'hmac-sha256'],
    ['P-384', 'ecdsa-p256-sha256'],
    ['P-521', 'ecdsa-p256-sha256'],
    ['P-521', 'ecdsa-p521-sha512'],
    ['RSA-2048', 'ecdsa-p256-sha256'],
    ['RSA-2048', 'rsa-v1_5-sha1'],
  ])('is refused for %s: %s', async (keyType, alg) => {
    const signer = signerWith(keyType);
    const signed = await sign(signer, REMOVAL, NONE);
    const renamed = replaced(signed, 'signature-input', (value) =>
      value.includes(';alg=') ? value.replace(/;alg="[^"]*"/, `;alg="${alg}"`) : `${value};alg="${alg}"`,
    );
    expect(await faultOf(signer, renamed, NONE)).toBe('alg-of-another-key');
  });

  test('is not another one than was signed by', async () => {
    const signer = signerWith('RSA-2048');
    const signed = await signOtherwise(signer, REMOVAL, REQUIRED, { alg: 'rsa-v1_5-sha256' });
    const renamed = replaced(signed, 'signature-input', (value) => value.replace('rsa-v1_5-sha256', 'rsa-pss-sha512'));
    expect(await faultOf(signer, renamed, NONE)).toBe('signature-wrong');
  });
});

describe('is a fault:', () => {
  test('a nonce that was not admitted for the request', async () => {
    const signer = signerWith('P-256');
    const signed = await sign(signer, TRANSFER, CONTENT);
    // The certificate is tied to another request, or to none.
    expect(await faultOf(signer, signed, CONTENT, newNonce(NOW))).toBe('nonce-not-admitted');
    const client = certified(signer, undefined);
    expect(await faultOfRequest(signed, CONTENT, client, KEYS, NOW)).toBe('nonce-not-admitted');
    expect(await faultOf(signer, without(signed, 'cale-nonce'), CONTENT)).toBe('nonce-not-admitted');
    expect(await faultOf(signer, withFields(signed, ['cale-nonce', NONCE]), CONTENT)).toBe('nonce-not-admitted');
  });

  test('no signature, or only one of another label', async () => {
    const signer = signerWith('P-256');
    const signed = await sign(signer, TRANSFER, CONTENT);
    expect(await faultOf(signer, TRANSFER, CONTENT)).toBe('signature-missing');
    for (const name of ['signature', 'signature-input']) {
      expect(await faultOf(signer, without(signed, name), CONTENT)).toBe('signature-missing');
      const relabelled = replaced(signed, name, (value) => value.replace(/^cale/, 'sig1'));
      expect(await faultOf(signer, relabelled, CONTENT)).toBe('signature-missing');
      const [doubled] = signed.fields.filter(([each]) => each === name);
      if (doubled === undefined) expect.unreachable();
      expect(await faultOf(signer, withFields(signed, doubled), CONTENT)).toBe('signature-missing');
    }
  });

  test('a component that is missing, whatever else is covered', async () => {
    const signer = signerWith('P-256');
    const digested = withFields(TRANSFER, ['content-digest', await encodeContentDigest(CONTENT)]);
    const all = [...REQUIRED, 'content-digest', 'content-type'];
    expect(await faultOf(signer, await signOtherwise(signer, digested, [...all, 'x-other']), CONTENT)).toBeUndefined();
    for (const missing of all) {
      const fewer = all.filter((name) => name !== missing);
      const signed = await signOtherwise(signer, digested, fewer);
      expect(await faultOf(signer, signed, CONTENT), missing).toBe('components-missing');
    }
    const others = await signOtherwise(signer, digested, ['x-other']);
    expect(await faultOf(signer, others, CONTENT)).toBe('components-missing');
    const none = await signOtherwise(signer, REMOVAL, []);
    expect(await faultOf(signer, none, NONE)).toBe('components-missing');
  });

  test('a component that is covered and not there', async () => {
    const signer = signerWith('P-256');
    const signed = await signOtherwise(signer, withFields(REMOVAL, ['if-match', '"1"']), [...REQUIRED, 'if-match']);
    expect(await faultOf(signer, signed, NONE)).toBeUndefined();
    expect(await faultOf(signer, without(signed, 'if-match'), NONE)).toBe('components-missing');
  });

  test('a tag of another use', async () => {
    const signer = signerWith('P-256');
    for (const tag of ['cale-answer', '', 'CALE-REQUEST']) {
      const signed = await signOtherwise(signer, REMOVAL, REQUIRED, { tag });
      expect(await faultOf(signer, signed, NONE)).toBe('components-missing');
    }
  });

  test('a keyid of another key', async () => {
    const signer = signerWith('P-256');
    for (const keyid of ['', signerWith('P-384').keyid, `${signer.keyid}=`]) {
      const signed = await signOtherwise(signer, REMOVAL, REQUIRED, { keyid });
      expect(await faultOf(signer, signed, NONE)).toBe('keyid-of-another-key');
    }
  });

  test.each([
    ['created', SECONDS - 1_000_000, undefined],
    ['created', SECONDS + 60, undefined],
    ['created', SECONDS + 61, 'created-in-the-future'],
    ['expires', SECONDS + 1_000_000, undefined],
    ['expires', SECONDS - 60, undefined],
    ['expires', SECONDS - 61, 'expired'],
  ] as const)('a time, but for a minute: %s=%i', async (name, time, fault) => {
    const signer = signerWith('P-256');
    const parameters = `("@method" "@target-uri" "cale-nonce");keyid="${signer.keyid}";tag="${REQUEST_TAG}";${name}=${time}`;
    // Put together here, as other signers write it.
    const base = `"@method": DELETE\n"@target-uri": ${REMOVAL.targetUri}\n"cale-nonce": ${NONCE}\n"@signature-params": ${parameters}`;
    const signature = await (await signWith(signer))(utf8(base));
    const fields: FieldLines = [
      ['signature-input', `cale=${parameters}`],
      ['signature', `cale=:${encodeBase64(signature)}:`],
    ];
    expect(await faultOf(signer, withFields(REMOVAL, ...fields), NONE)).toBe(fault);
  });

  test('other content than was signed: more, less, or none', async () => {
    const signer = signerWith('P-256');
    const signed = await sign(signer, TRANSFER, CONTENT);
    for (const content of [utf8('{"to":"eve"}'), CONTENT.slice(1), NONE, utf8(`${'{"to":"bob"}'} `)]) {
      expect(await faultOf(signer, signed, content)).toBe('digest-wrong');
    }
  });

  test('content where none was signed', async () => {
    const signer = signerWith('P-256');
    const signed = await sign(signer, REMOVAL, NONE);
    expect(await faultOf(signer, signed, CONTENT)).toBe('components-missing');
    const digested = withFields(signed, ['content-digest', await encodeContentDigest(CONTENT)]);
    expect(await faultOf(signer, digested, CONTENT)).toBe('components-missing');
  });

  test('a digest that is removed with its content', async () => {
    const signer = signerWith('P-256');
    const signed = await sign(signer, TRANSFER, CONTENT);
    expect(await faultOf(signer, without(signed, 'content-digest'), NONE)).toBe('components-missing');
  });

  test('a digest that is not the one of its content, covered or not', async () => {
    const signer = signerWith('P-256');
    const other = await encodeContentDigest(utf8('other'));
    const digest = await encodeContentDigest(CONTENT);
    const components = [...REQUIRED, 'content-digest', 'content-type'];
    for (const value of [
      other,
      `${other}, ${digest}`,
      `${digest}, ${other}`,
      digest.replace('sha-256', 'sha-512'),
      '',
    ]) {
      const signed = await signOtherwise(signer, withFields(TRANSFER, ['content-digest', value]), components);
      expect(await faultOf(signer, signed, CONTENT), value).toBe('digest-wrong');
    }
    // Of an empty body.
    const signed = await sign(signer, REMOVAL, NONE);
    expect(await faultOf(signer, withFields(signed, ['content-digest', other]), NONE)).toBe('digest-wrong');
    expect(
      await faultOf(signer, withFields(signed, ['content-digest', await encodeContentDigest(NONE)]), NONE),
    ).toBeUndefined();
  });
});

const anyPath = fc.webPath().map((path) => `https://api.example.com/x${path}`);
const anyRequest = fc.record({
  method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'PURGE'),
  targetUri: anyPath,
  contentType: fc.option(fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/), { nil: undefined }),
  content: anyContent,
  nonce: fc.nat(1_000_000).map((offset) => newNonce(NOW + offset)),
});

test('a signed request is accepted, and refused once anything that is covered is another', async () => {
  const signer = signerWith('P-256');
  const property = fc.asyncProperty(anyRequest, anyRequest, async (a, b) => {
    const messageOf = ({ method, targetUri, contentType, nonce }: typeof a): RequestMessage => ({
      method,
      targetUri,
      fields: [['cale-nonce', nonce], ...(contentType === undefined ? [] : ([['content-type', contentType]] as const))],
    });
    const signed = await sign(signer, messageOf(a), a.content);
    const other = await sign(signer, messageOf(b), b.content);
    const fault = (message: RequestMessage, content = a.content, nonce = a.nonce) =>
      faultOf(signer, message, content, nonce);
    expect(await fault(signed)).toBeUndefined();

    // Of a request without content nothing is said of its type.
    const isCovered = (name: string) => a.content.length > 0 || name !== 'content-type';
    const names = signed.fields.map(([name]) => name).filter(isCovered);
    const altered = [
      { ...signed, method: a.method.toLowerCase() },
      { ...signed, targetUri: signed.targetUri.replace('https', 'http') },
      ...names.map((name) => without(signed, name)),
      ...names.map((name) => replaced(signed, name, (value) => `${value}x`)),
      ...(isCovered('content-type') ? [withFields(signed, ['content-type', 'text/plain'])] : []),
      // Parts of another request of the same client, one for one.
      ...(a.method === b.method ? [] : [{ ...signed, method: b.method }]),
      ...(a.targetUri === b.targetUri ? [] : [{ ...signed, targetUri: b.targetUri }]),
      ...other.fields
        .filter(([name, value]) => signed.fields.some(([each, old]) => each === name && old !== value))
        .filter(([name]) => isCovered(name))
        .map(([name, value]) => replaced(signed, name, () => value)),
    ];
    for (const message of altered) expect(await fault(message), JSON.stringify(message)).toBeDefined();
    const content = Uint8Array.from([...a.content, 0]);
    expect(await fault(signed, content)).toBeDefined();
    if (a.content.length > 0) expect(await fault(signed, a.content.slice(1))).toBeDefined();
    // As a whole, the other one is good only for its own nonce.
    expect(await fault(other, b.content)).toBe('nonce-not-admitted');
    expect(await fault(other, b.content, b.nonce)).toBeUndefined();
  });
  await fc.assert(property, { numRuns: 60 });
});
