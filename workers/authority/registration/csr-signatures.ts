/** The signatures that are accepted on CSRs: more than those by which keys sign here, because other tools make them. */

import { CURVES, type Curve } from '../../../shared/crypto/keys/ec.ts';
import type { PublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { ECDSA_OIDS, ecdsa } from '../../../shared/crypto/signatures/ecdsa.ts';
import { PKCS1_OIDS, pkcs1 } from '../../../shared/crypto/signatures/rsa.ts';
import type { SignatureScheme } from '../../../shared/crypto/signatures/scheme.ts';
import { equal } from '../../../shared/encoding/bytes.ts';
import { parseSequence } from '../../../shared/encoding/der/reader.ts';
import { encode, NULL, objectIdentifier, sequence } from '../../../shared/encoding/der/writer.ts';
import type { Csr } from '../../../shared/x509/csr.ts';
import { CsrError, parseBy } from './csr-rules.ts';
import { ID_RSASSA_PSS, parsePss } from './pss.ts';

const HASHES = Object.keys(PKCS1_OIDS) as (keyof typeof PKCS1_OIDS)[];

/** A scheme, and an AlgorithmIdentifier that is not its own and is taken for it. */
interface Accepted {
  readonly scheme: SignatureScheme;
  readonly alternative: Uint8Array;
}

/** With the NULL or without, which readers must take as well (RFC 4055 5). */
const PKCS1 = HASHES.map((hash): Accepted => {
  return { scheme: pkcs1(hash), alternative: encode(sequence(objectIdentifier(PKCS1_OIDS[hash]))) };
});

/** Without the NULL or with it, which RFC 5758 3.2 forbids, and Mbed TLS has long written. */
const ECDSA = new Map(
  (Object.keys(CURVES) as Curve[]).map((curve) => [
    curve,
    HASHES.map((hash): Accepted => {
      return { scheme: ecdsa(curve, hash), alternative: encode(sequence(objectIdentifier(ECDSA_OIDS[hash]), NULL)) };
    }),
  ]),
);

/** Those with MD2, MD4, MD5, SHA-1 or SHA-224, by OID (RFC 3279 2.2, RFC 4055 5, RFC 5758 3). */
const WEAK: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.113549.1.1.3': 'md4WithRSAEncryption',
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.113549.1.1.14': 'sha224WithRSAEncryption',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.1': 'ecdsa-with-SHA224',
};

/**
 * @param algorithmIdentifier DER of a signature's AlgorithmIdentifier.
 * @returns the scheme that it names.
 * @throws {CsrError} when it is none of the key's, or has a weak hash.
 */
function parseScheme(key: PublicKey, algorithmIdentifier: Uint8Array<ArrayBuffer>): SignatureScheme {
  const accepted = key.algorithm === 'RSA' ? PKCS1 : (ECDSA.get(key.curve) ?? []);
  const found = accepted.find(
    ({ scheme, alternative }) =>
      equal(scheme.algorithmIdentifier, algorithmIdentifier) || equal(alternative, algorithmIdentifier),
  );
  if (found !== undefined) return found.scheme;
  const oid = parseBy('csr-malformed', 'The signatureAlgorithm', () =>
    parseSequence(algorithmIdentifier).objectIdentifier(),
  );
  const weak = WEAK[oid];
  if (weak !== undefined) throw new CsrError('csr-weak-hash', `The signature is ${weak}.`);
  if (oid === ID_RSASSA_PSS && key.algorithm === 'RSA') return parsePss(algorithmIdentifier);
  const detail = `The signature is of the algorithm ${oid}, with its parameters none for a key of ${key.keyType}.`;
  throw new CsrError('csr-unsupported-signature', detail);
}

/**
 * Makes sure that the CSR is signed by its own key: its sender has the private key.
 * @throws {CsrError} when it is not.
 */
export async function assertSigned({ info, signatureAlgorithm, signature }: Csr, key: PublicKey): Promise<void> {
  const scheme = parseScheme(key, signatureAlgorithm);
  const raw = parseBy('csr-bad-signature', 'The signature', () => scheme.fromDer(signature));
  const imported = await crypto.subtle
    .importKey('spki', key.spki, scheme.keyAlgorithm, false, ['verify'])
    .catch(refuseKey);
  if (!(await crypto.subtle.verify(scheme.algorithm, imported, raw, info))) {
    const { name, hash } = scheme.algorithm;
    throw new CsrError('csr-bad-signature', `It does not verify as ${name} with ${hash} by the key of ${key.keyType}.`);
  }
}

/** WebCrypto refuses a key that is not valid by a DataError. */
function refuseKey(error: unknown): never {
  if (!(error instanceof Error) || error.name !== 'DataError') throw error;
  throw new CsrError('csr-bad-signature', 'The key is no valid one, such as a point that is not on its curve.');
}
