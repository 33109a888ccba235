/** RSA signatures: RSASSA-PKCS1-v1_5 on certificates and CSRs (RFC 4055), and those of HTTP messages (RFC 9421 3.3). */

import { encode, NULL, objectIdentifier, sequence } from '../../encoding/der/writer.ts';
import { RSA_ALGORITHM_IDENTIFIER } from '../keys/rsa.ts';
import type { SignatureScheme, SignatureSchemes } from './scheme.ts';

/** RSASSA-PKCS1-v1_5 by its hash (RFC 4055 5). */
export const PKCS1_OIDS = {
  'SHA-256': '1.2.840.113549.1.1.11',
  'SHA-384': '1.2.840.113549.1.1.12',
  'SHA-512': '1.2.840.113549.1.1.13',
} as const;

/** RSA signatures are the same bytes in X.509 and in WebCrypto. */
export const unchanged = (signature: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => signature;

/** RSASSA-PKCS1-v1_5 with a hash. */
export function pkcs1(hash: keyof typeof PKCS1_OIDS): SignatureScheme {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
  const algorithmIdentifier = encode(sequence(objectIdentifier(PKCS1_OIDS[hash]), NULL));
  return { algorithmIdentifier, keyAlgorithm: algorithm, algorithm, toDer: unchanged, fromDer: unchanged };
}

export const RSA_SIGNATURES: SignatureSchemes = {
  keyAlgorithmIdentifier: RSA_ALGORITHM_IDENTIFIER,
  accepts: ({ algorithm }) => algorithm === 'RSA',
  preferred: pkcs1('SHA-256'),
  http: [
    { alg: 'rsa-v1_5-sha256', ...pkcs1('SHA-256') },
    {
      alg: 'rsa-pss-sha512',
      keyAlgorithm: { name: 'RSA-PSS', hash: 'SHA-512' },
      // RFC 9421 3.3.1.
      algorithm: { name: 'RSA-PSS', hash: 'SHA-512', saltLength: 64 },
    },
  ],
};
