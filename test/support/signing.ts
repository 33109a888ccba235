/** Clients that sign what they send, and messages for them to sign. */

import fc from 'fast-check';
import type { AccountKey } from '../../client/account.ts';
import { keyIdentifier } from '../../shared/crypto/keys/public-key.ts';
import type { HttpSignatureAlgorithm } from '../../shared/crypto/signatures/scheme.ts';
import { httpAlgorithms } from '../../shared/crypto/signatures/schemes.ts';
import { encodeBase64Url } from '../../shared/encoding/base64.ts';
import type { ClientCertificate } from '../../shared/protocol/client-certificate.ts';
import type { FieldLines } from '../../shared/protocol/http-signature.ts';
import { IDENTITY } from './issuing.ts';
import { createKey, type SealingKeyType, type TestKey } from './keys.ts';

/** A key that signs HTTP messages. */
export interface Signer {
  readonly key: TestKey;
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  readonly keyid: string;
  /** As the client keeps it. */
  readonly accountKey: AccountKey;
}

export async function createSigner(keyType: SealingKeyType): Promise<Signer> {
  const key = await createKey(keyType);
  const identifier = await keyIdentifier(key.publicKey);
  const { privateKey } = key.pair;
  return {
    key,
    keyIdentifier: identifier,
    keyid: encodeBase64Url(identifier),
    accountKey: { keyIdentifier: identifier, key: privateKey, signingKey: privateKey },
  };
}

/** @returns the client of such a certificate as the origin has it when it has verified the certificate. */
export const certified = (
  { key, keyIdentifier: identifier }: Signer,
  nonce: string | undefined,
): ClientCertificate => ({
  ...IDENTITY,
  device: [],
  publicKey: key.publicKey,
  keyIdentifier: identifier,
  isDecoy: false,
  nonce,
  notBefore: 0,
  notAfter: 0,
  der: new Uint8Array(0),
});

/** @returns a function that signs by one of the algorithms that the key has for HTTP messages. */
export async function signWith(
  { key }: Signer,
  { algorithm, keyAlgorithm }: HttpSignatureAlgorithm = httpAlgorithms(key.publicKey)[0],
): Promise<(base: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>> {
  const privateKey = await crypto.subtle.importKey('pkcs8', key.pkcs8, keyAlgorithm, false, ['sign']);
  return async (base) => new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, base));
}

export const anyContent: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .uint8Array({ maxLength: 100 })
  .map((bytes) => Uint8Array.from(bytes));

/** Names of fields, few of them, so that some come more than once. */
const anyName = fc.constantFrom('content-type', 'set-cookie', 'x', 'x-empty', 'link', 'etag', 'content-language');
/** A value as Fetch gives it: bytes as characters, no white space around. */
const anyValue = fc
  .stringMatching(/^[\x20-\x7e\t\xa0-\xff]{0,30}$/)
  .map((value) => value.replace(/^[ \t]+|[ \t]+$/g, ''));
export const anyFields: fc.Arbitrary<FieldLines> = fc.array(fc.tuple(anyName, anyValue), { maxLength: 8 });
