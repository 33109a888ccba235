/** CSRs put together by hand, so that any part of them can be another one than it should be. */

import { encodeEcdsaSignature } from '../../shared/crypto/signatures/ecdsa.ts';
import { preferredScheme } from '../../shared/crypto/signatures/schemes.ts';
import { DerReader, parseSequence } from '../../shared/encoding/der/reader.ts';
import {
  bitString,
  context,
  element,
  encode,
  NULL,
  objectIdentifier,
  octetString,
  type Part,
  sequence,
  setOf,
  smallInteger,
} from '../../shared/encoding/der/writer.ts';
import { encodeCommonName } from '../../shared/x509/name.ts';
import type { TestKey } from './keys.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The parts of a CertificationRequest, each in DER. */
export interface CsrParts {
  /** The CertificationRequestInfo: what is signed. */
  readonly info: Bytes;
  readonly algorithm: Bytes;
  /** The BIT STRING. */
  readonly signature: Bytes;
}

export function splitCsr(der: Bytes): CsrParts {
  const request = parseSequence(der);
  const [info, algorithm, signature] = [request.next().encoding, request.next().encoding, request.next().encoding];
  return { info, algorithm, signature };
}

export const joinCsr = ({ info, algorithm, signature }: CsrParts): Bytes =>
  encode(sequence(info, algorithm, signature));

/**
 * DER of a CertificationRequestInfo.
 * @param subject a common name, or DER of a Name.
 * @param attributes elements of the set.
 */
export function encodeInfo(spki: Uint8Array, subject: string | Bytes = 'phone', ...attributes: Part[]): Bytes {
  const name = typeof subject === 'string' ? encodeCommonName(subject) : subject;
  return encode(sequence(smallInteger(0), name, spki, context(0, ...attributes)));
}

/** The same CSR with another SubjectPublicKeyInfo; its signature is then that of another. */
export function withKey(csr: Bytes, spki: Uint8Array): Bytes {
  const { info, ...rest } = splitCsr(csr);
  const fields = parseSequence(info);
  const [version, subject] = [fields.next().encoding, fields.next().encoding];
  fields.next();
  return joinCsr({ ...rest, info: encode(sequence(version, subject, spki, fields.next().encoding)) });
}

export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** Ways to sign, by the names that tests have for them. */
export type SignatureName = 'by default' | `ECDSA with ${Hash}` | `PKCS1 with ${Hash}` | `PSS with ${Hash}`;

/** RFC 5758 3.2, RFC 4055 5, RFC 5754 2. */
const OIDS = {
  ECDSA: { 'SHA-256': '1.2.840.10045.4.3.2', 'SHA-384': '1.2.840.10045.4.3.3', 'SHA-512': '1.2.840.10045.4.3.4' },
  PKCS1: {
    'SHA-256': '1.2.840.113549.1.1.11',
    'SHA-384': '1.2.840.113549.1.1.12',
    'SHA-512': '1.2.840.113549.1.1.13',
  },
} as const;
const HASH_OIDS = {
  'SHA-1': '1.3.14.3.2.26',
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
} as const;

/**
 * RSASSA-PSS with its parameters (RFC 4055 3.1).
 * @param salt INTEGER of its length.
 * @param ofHash parameters of the hash: NULL, or nothing (RFC 4055 2.1).
 */
export function encodePss(
  hash: keyof typeof HASH_OIDS,
  mgf1: keyof typeof HASH_OIDS,
  salt: Part,
  ofHash: readonly Part[] = [NULL],
): Bytes {
  const identifier = (name: keyof typeof HASH_OIDS) => sequence(objectIdentifier(HASH_OIDS[name]), ...ofHash);
  return encode(
    sequence(
      objectIdentifier('1.2.840.113549.1.1.10'),
      sequence(
        context(0, identifier(hash)),
        context(1, sequence(objectIdentifier('1.2.840.113549.1.1.8'), identifier(mgf1))),
        context(2, salt),
      ),
    ),
  );
}

const SALT_BYTES = { 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 } as const;

/** Signs what should be a CertificationRequestInfo. @returns DER of the CertificationRequest. */
export async function signCsr(key: TestKey, info: Bytes, how: SignatureName = 'by default'): Promise<Bytes> {
  if (how === 'by default') {
    const { algorithm, algorithmIdentifier, toDer } = preferredScheme(key.publicKey);
    const raw = new Uint8Array(await crypto.subtle.sign(algorithm, key.pair.privateKey, info));
    return joinCsr({ info, algorithm: algorithmIdentifier, signature: encode(bitString(toDer(raw))) });
  }
  const [scheme, , hash] = how.split(' ') as ['ECDSA' | 'PKCS1' | 'PSS', 'with', Hash];
  if (scheme === 'ECDSA') {
    const raw = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash }, key.pair.privateKey, info));
    const algorithm = encode(sequence(objectIdentifier(OIDS.ECDSA[hash])));
    return joinCsr({ info, algorithm, signature: encode(bitString(encodeEcdsaSignature(raw))) });
  }
  const name = scheme === 'PSS' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
  const saltLength = SALT_BYTES[hash];
  const imported = await crypto.subtle.importKey('pkcs8', key.pkcs8, { name, hash }, false, ['sign']);
  const signature = new Uint8Array(await crypto.subtle.sign({ name, saltLength }, imported, info));
  const algorithm =
    scheme === 'PSS'
      ? encodePss(hash, hash, smallInteger(saltLength))
      : encode(sequence(objectIdentifier(OIDS.PKCS1[hash]), NULL));
  return joinCsr({ info, algorithm, signature: encode(bitString(signature)) });
}

/** The extensionRequest attribute (RFC 2985 5.4.2) with as many extensions as are asked for, none of them known. */
export function encodeExtensionRequest(count: number): Part {
  const extensions = Array.from({ length: count }, (_, at) =>
    sequence(objectIdentifier(`1.3.${6 + Math.floor(at / 128)}.${at % 128}`), octetString(new Uint8Array(0))),
  );
  return sequence(objectIdentifier('1.2.840.113549.1.9.14'), setOf(sequence(...extensions)));
}

/** The element with its length in one byte more than it needs. */
export function withLongLength(der: Bytes): Bytes {
  const [tag = 0, first = 0] = der;
  if (first < 0x80) return Uint8Array.from([tag, 0x81, ...der.subarray(1)]);
  return Uint8Array.from([tag, first + 1, 0, ...der.subarray(2)]);
}

/** The element with an indefinite length (X.690 8.1.3.6). */
export function withIndefiniteLength(der: Bytes): Bytes {
  const { tag, content } = new DerReader(der).next();
  return Uint8Array.from([tag, 0x80, ...content, 0, 0]);
}

/** The element with something behind its content. */
export function withMore(der: Bytes, more: Part): Bytes {
  const { tag, content } = new DerReader(der).next();
  return encode(element(tag, content, more));
}
