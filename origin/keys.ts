/** The keys of an origin, with their certificates from the authority: one to sign answers, one to open requests. */

import type { RecipientPrivateKey } from '../shared/cms/recipients/recipient-type.ts';
import { importPrivateKey } from '../shared/cms/recipients/recipients.ts';
import { type PublicKey, parsePublicKey } from '../shared/crypto/keys/public-key.ts';
import { httpAlgorithms } from '../shared/crypto/signatures/schemes.ts';
import { encodeBase64Url } from '../shared/encoding/base64.ts';
import { utf8 } from '../shared/encoding/bytes.ts';
import { DerReader } from '../shared/encoding/der/reader.ts';
import { EncodingError } from '../shared/encoding/error.ts';
import { parsePem } from '../shared/encoding/pem.ts';
import { parseCertificate } from '../shared/x509/certificate.ts';
import { SUBJECT_KEY_IDENTIFIER } from '../shared/x509/extensions.ts';

/** A private key and its certificates, as settings have them. */
export interface KeyAndCertificates {
  /** PKCS#8 in PEM. */
  readonly key: string;
  /** In PEM; the first one is the key's. Others are published with it, so that clients learn the next key in time. */
  readonly certificates: string;
}

/** A key pair of the origin. The private key is imported when it is first used: none can be while a Worker starts. */
export interface OriginKey {
  /** In PEM, as they are published. */
  readonly certificates: string;
  /** Of the first certificate. */
  readonly publicKey: PublicKey;
  /** SubjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  /** DER of the PrivateKeyInfo. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

/** @throws {EncodingError} when it is not one private key, or there is no certificate with a subjectKeyIdentifier. */
export function parseOriginKey({ key, certificates }: KeyAndCertificates): OriginKey {
  const [pkcs8, ...otherKeys] = parsePem('PRIVATE KEY', key);
  if (pkcs8 === undefined || otherKeys.length > 0) throw new EncodingError('it is not one PRIVATE KEY in PEM (PKCS#8)');
  const [first] = parsePem('CERTIFICATE', certificates).map(parseCertificate);
  const identifier = first?.extensions.get(SUBJECT_KEY_IDENTIFIER)?.value;
  if (first === undefined || identifier === undefined) {
    throw new EncodingError('there is no certificate with a subjectKeyIdentifier');
  }
  const keyIdentifier = new DerReader(identifier).octetString();
  return { certificates, publicKey: parsePublicKey(first.spki), keyIdentifier, pkcs8 };
}

/** Signs HTTP messages (RFC 9421 3.1). */
export interface HttpSigner {
  /** base64url of the SubjectKeyIdentifier. */
  readonly keyid: string;
  readonly alg: string | undefined;
  sign(base: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

const PROBE = utf8('does the key belong to the certificate?');

export function createHttpSigner({ publicKey, keyIdentifier, pkcs8 }: OriginKey): HttpSigner {
  const [{ alg, algorithm, keyAlgorithm }] = httpAlgorithms(publicKey);
  let key: Promise<CryptoKey> | undefined;

  /** @throws {TypeError} when the key is not that of the certificate, because no client would believe its answers. */
  async function importSigningKey(): Promise<CryptoKey> {
    const imported = await crypto.subtle.importKey('pkcs8', pkcs8, keyAlgorithm, false, ['sign']);
    const verifier = await crypto.subtle.importKey('spki', publicKey.spki, keyAlgorithm, false, ['verify']);
    const signature = await crypto.subtle.sign(algorithm, imported, PROBE);
    if (await crypto.subtle.verify(algorithm, verifier, signature, PROBE)) return imported;
    throw new TypeError('ORIGIN_SIGNING_KEY is not the key of the first certificate');
  }

  return {
    keyid: encodeBase64Url(keyIdentifier),
    alg,
    async sign(base) {
      key ??= importSigningKey();
      return new Uint8Array(await crypto.subtle.sign(algorithm, await key, base));
    },
  };
}

/** @returns a function that gives the key that opens requests. */
export function createOpener({ keyIdentifier, pkcs8 }: OriginKey): () => Promise<RecipientPrivateKey> {
  let key: Promise<RecipientPrivateKey> | undefined;
  return () => {
    key ??= importPrivateKey(keyIdentifier, pkcs8, crypto.subtle);
    return key;
  };
}
