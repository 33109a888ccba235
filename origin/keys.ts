/** The keys of an origin, with their certificates from the authority: one to sign answers, others to open requests. */

import type { RecipientPrivateKey } from '../shared/cms/recipients/recipient-type.ts';
import { importPrivateKey } from '../shared/cms/recipients/recipients.ts';
import { type PublicKey, parsePublicKey } from '../shared/crypto/keys/public-key.ts';
import { httpAlgorithms } from '../shared/crypto/signatures/schemes.ts';
import { encodeBase64Url } from '../shared/encoding/base64.ts';
import { hex, utf8 } from '../shared/encoding/bytes.ts';
import { DerReader } from '../shared/encoding/der/reader.ts';
import { EncodingError } from '../shared/encoding/error.ts';
import { parsePem } from '../shared/encoding/pem.ts';
import { type Certificate, parseCertificate } from '../shared/x509/certificate.ts';
import { SUBJECT_KEY_IDENTIFIER } from '../shared/x509/extensions.ts';

/** A private key and its certificates, as settings have them. */
export interface KeyAndCertificates {
  /** PKCS#8 in PEM. Of keys that open requests there may be more, one behind the other: those before or after the first. */
  readonly key: string;
  /** In PEM; the first one is the key's. Others are published with it, so that clients learn the next key in time. */
  readonly certificates: string;
}

/** A key pair that signs. The private key is imported when it is first used: none can be while a Worker starts. */
export interface SigningKey {
  /** In PEM, as they are published. */
  readonly certificates: string;
  /** Of the first certificate. */
  readonly publicKey: PublicKey;
  /** SubjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  /** DER of the PrivateKeyInfo. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
}

/** @throws {EncodingError} when it is not one private key, or a certificate has no subjectKeyIdentifier. */
export function parseSigningKey({ key, certificates }: KeyAndCertificates): SigningKey {
  const [pkcs8, ...otherKeys] = parsePem('PRIVATE KEY', key);
  if (pkcs8 === undefined || otherKeys.length > 0) throw new EncodingError('it is not one PRIVATE KEY in PEM (PKCS#8)');
  const [first] = parseCertificates(certificates);
  return { certificates, publicKey: parsePublicKey(first.spki), keyIdentifier: identifierOf(first), pkcs8 };
}

/** Private keys that open requests, each by its SubjectKeyIdentifier. */
export interface OpeningKeys {
  /** In PEM, as they are published: those of the first key are first. */
  readonly certificates: string;
  readonly keys: readonly {
    readonly keyIdentifier: Uint8Array<ArrayBuffer>;
    readonly pkcs8: Uint8Array<ArrayBuffer>;
  }[];
}

/**
 * @param pair with the certificates in the order of the keys. A key may have several.
 * @throws {EncodingError} when there is no private key, or one has no certificate with a subjectKeyIdentifier.
 */
export function parseOpeningKeys({ key, certificates }: KeyAndCertificates): OpeningKeys {
  const identifiers = new Map(
    parseCertificates(certificates)
      .map(identifierOf)
      .map((each) => [hex(each), each]),
  );
  const [...inOrder] = identifiers.values();
  const keys = parsePem('PRIVATE KEY', key).map((pkcs8, at) => {
    const keyIdentifier = inOrder[at];
    if (keyIdentifier === undefined) throw new EncodingError('a PRIVATE KEY has no certificate');
    return { keyIdentifier, pkcs8 };
  });
  if (keys.length === 0) throw new EncodingError('there is no PRIVATE KEY in PEM (PKCS#8)');
  return { certificates, keys };
}

function parseCertificates(pem: string): readonly [Certificate, ...Certificate[]] {
  const [first, ...others] = parsePem('CERTIFICATE', pem).map(parseCertificate);
  if (first === undefined) throw new EncodingError('there is no certificate');
  return [first, ...others];
}

function identifierOf({ extensions }: Certificate): Uint8Array<ArrayBuffer> {
  const identifier = extensions.get(SUBJECT_KEY_IDENTIFIER)?.value;
  if (identifier === undefined) throw new EncodingError('a certificate has no subjectKeyIdentifier');
  return new DerReader(identifier).octetString();
}

/** Signs HTTP messages (RFC 9421 3.1). */
export interface HttpSigner {
  /** base64url of the SubjectKeyIdentifier. */
  readonly keyid: string;
  readonly alg: string | undefined;
  sign(base: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

const PROBE = utf8('does the key belong to the certificate?');

export function createHttpSigner({ publicKey, keyIdentifier, pkcs8 }: SigningKey): HttpSigner {
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

/** @returns a function that gives the keys that open requests. They are imported when they are first used. */
export function createOpener({ keys }: OpeningKeys): () => Promise<readonly RecipientPrivateKey[]> {
  let imported: Promise<RecipientPrivateKey[]> | undefined;
  return () => {
    imported ??= Promise.all(
      keys.map(({ keyIdentifier, pkcs8 }) => importPrivateKey(keyIdentifier, pkcs8, crypto.subtle)),
    );
    return imported;
  };
}
