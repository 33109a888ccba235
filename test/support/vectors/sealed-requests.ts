/** Requests that are sealed to the key of the origin, and altered ones. */

import { sealRequest } from '../../../client/exchange/seal-request.ts';
import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { importRecipient } from '../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { keyIdentifier, type PublicKey, parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { encodeBase64, parseBase64 } from '../../../shared/encoding/base64.ts';
import { encodeRequest } from '../../../shared/encoding/bhttp/request.ts';
import { concat } from '../../../shared/encoding/bytes.ts';
import { SEALED_PATH } from '../../../shared/protocol/endpoints.ts';
import { padme } from '../../../shared/protocol/padding.ts';
import { parseCertificate } from '../../../shared/x509/certificate.ts';
import { flip } from './bytes.ts';
import { EDGE, NONCE, OTHER_NONCE } from './exchange.ts';
import type { KeptTests } from './kept.ts';
import { type ClientKey, derOfPem } from './keys.ts';
import { type EdgeFile, type SealedRequestVector, VECTORS_VERSION, type VectorFile } from './schema.ts';
import { POST, sign, type Unsigned } from './signed-requests.ts';

const GET: Unsigned = {
  method: 'GET',
  targetUri: `${EDGE}/balance?currency=EUR`,
  fields: [
    ['cale-nonce', NONCE],
    ['accept', 'application/json'],
  ],
  content: new Uint8Array(0),
};

const withKey = (request: Unsigned, { keyid }: ClientKey): Unsigned => ({
  ...request,
  fields: [...request.fields, ['cale-key', keyid]],
});

/** Requests that are refused: the request inside, or how it is sealed. */
interface Refused {
  readonly fault: string;
  readonly reason: string;
  readonly inside?: (key: ClientKey, other: ClientKey) => Unsigned;
  readonly cipher?: ContentEncryptionName;
}

const REFUSED: Readonly<Record<string, Refused>> = {
  'nonce of another request': {
    fault: 'nonce-of-another-request',
    reason: 'CALE-Nonce inside is another one than outside.',
    inside: (key) => withKey({ ...GET, fields: [['cale-nonce', OTHER_NONCE]] }, key),
  },
  'key of another client': {
    fault: 'key-of-another-client',
    reason: 'CALE-Key names another key than the one of this credential.',
    inside: (_, other) => withKey(GET, other),
  },
  'no key': { fault: 'key-of-another-client', reason: 'There is no CALE-Key.', inside: () => GET },
  'another origin': {
    fault: 'of-another-origin',
    reason: 'The target is on another host.',
    inside: (key) => withKey({ ...GET, targetUri: 'https://api.example.net/balance' }, key),
  },
  'not in its normal form': {
    fault: 'of-another-origin',
    reason: 'The target has a path with dots in it.',
    inside: (key) => withKey({ ...GET, targetUri: `${EDGE}/a/../balance` }, key),
  },
  nested: {
    fault: 'nested',
    reason: 'The target is the endpoint of sealed requests itself.',
    inside: (key) => withKey({ ...GET, targetUri: EDGE + SEALED_PATH }, key),
  },
  'a write that is not signed': {
    fault: 'signature-missing',
    reason: 'The method can change something, and there is no signature.',
    inside: (key) => withKey(POST, key),
  },
  'AES-CBC': {
    fault: 'not-opened',
    reason: 'The content is encrypted by AES-CBC, which can have been altered.',
    cipher: 'AES-256-CBC',
  },
};

export async function makeSealedRequests(
  kept: KeptTests<SealedRequestVector>,
  keys: (id: string) => ClientKey,
  edge: EdgeFile,
): Promise<VectorFile<SealedRequestVector>> {
  const publicKey = originKeyOf(edge);
  const origin = { publicKey, keyIdentifier: await keyIdentifier(publicKey) };
  const [key, other] = [keys('P-256'), keys('P-256-other')];
  const given = (id: string, of: ClientKey) => ({ id, key: of.id, nonce: NONCE, url: EDGE + SEALED_PATH });
  const tests: SealedRequestVector[] = [];

  const { content: _, ...inside } = withKey(GET, key);
  tests.push(
    await kept.take({ ...given('a GET', key), ...inside, content: '', valid: true }, async () => {
      const body = await sealRequest(inside, new Uint8Array(0), origin, crypto);
      return { body: encodeBase64(body), message: encodeBase64(messageOf(withKey(GET, key))) };
    }),
  );
  for (const signer of [key, keys('RSA-2048'), keys('P-521')]) {
    const { method, targetUri, content } = POST;
    const common = { method, targetUri, content: encodeBase64(content), valid: true };
    tests.push(
      await kept.take({ ...given(`a POST by ${signer.id}`, signer), ...common }, async () => {
        const { fields } = await sign(withKey(POST, signer), signer);
        const body = await sealRequest({ method, targetUri, fields }, Uint8Array.from(content), origin, crypto);
        return { fields, body: encodeBase64(body), message: encodeBase64(messageOf({ ...POST, fields })) };
      }),
    );
  }
  for (const [
    id,
    { fault, reason, inside: refused = () => withKey(GET, key), cipher = 'AES-256-GCM' },
  ] of Object.entries(REFUSED)) {
    tests.push(
      await kept.take({ ...given(id, key), valid: false, fault, reason }, async () => {
        const recipient = await importRecipient(publicKey, origin.keyIdentifier);
        const parts = await seal(recipient, cipher, messageOf(refused(key, other)));
        return { body: encodeBase64(concat(parts)) };
      }),
    );
  }
  const [first] = tests;
  if (first === undefined) throw new TypeError('no test');
  const { id, key: of, nonce, url } = first;
  tests.push({
    id: `${id}: altered`,
    key: of,
    nonce,
    url,
    body: encodeBase64(flip(parseBase64(first.body), -1)),
    valid: false,
    fault: 'not-opened',
    reason: 'One bit of the authentication tag was changed.',
  });
  return { version: VECTORS_VERSION, tests };
}

const messageOf = ({ method, targetUri, fields, content }: Unsigned) =>
  encodeRequest({ method, targetUri, headers: fields, content: Uint8Array.from(content) }, padme);

/** The key that requests are sealed to. */
function originKeyOf({ document }: EdgeFile): PublicKey {
  const { spki } = parseCertificate(derOfPem('CERTIFICATE', document.originEncryptionCertificate));
  return parsePublicKey(spki);
}
