/** RSA public keys (RFC 3279 2.3.1). */

import { DerError } from '../../encoding/der/error.ts';
import { parseSequence } from '../../encoding/der/reader.ts';
import { encode, NULL, objectIdentifier, sequence } from '../../encoding/der/writer.ts';
import type { KeyParser } from './parser.ts';

/** A key of RSA (RFC 8017 3.1). */
export interface RsaPublicKey {
  readonly algorithm: 'RSA';
  /** Big-endian, without leading zero bytes. */
  readonly modulus: Uint8Array<ArrayBuffer>;
  readonly modulusBits: number;
  /** Big-endian, without leading zero bytes. */
  readonly publicExponent: Uint8Array<ArrayBuffer>;
}

/** Bits of the shortest modulus that is trusted: keys of clients and of authorities have as many. */
export const MIN_MODULUS_BITS = 2048;

/** 65537, big-endian: the one public exponent of keys that are generated here. */
export const F4 = Uint8Array.of(1, 0, 1);

const generation = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength,
  publicExponent: F4,
});

/** The key types of the sizes in bits: WebCrypto's parameters to generate a key pair that signs. */
export const RSA_KEY_TYPES = {
  'RSA-2048': generation(2048),
  'RSA-3072': generation(3072),
  'RSA-4096': generation(4096),
} as const;

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';

/** DER of the AlgorithmIdentifier in a SubjectPublicKeyInfo. */
export const RSA_ALGORITHM_IDENTIFIER = encode(sequence(objectIdentifier(RSA_ENCRYPTION), NULL));

export const RSA: KeyParser<RsaPublicKey> = {
  oid: RSA_ENCRYPTION,
  parse(parameters, bits) {
    if (parameters.done) throw new DerError('the algorithm of the RSA key has no NULL behind its OID (RFC 3279 2.3.1)');
    parameters.null();
    parameters.end();
    const key = parseSequence(bits);
    const modulus = key.unsignedInteger();
    const publicExponent = key.unsignedInteger();
    key.end();
    const modulusBits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
    return { algorithm: 'RSA', keyType: `RSA-${modulusBits}`, modulus, modulusBits, publicExponent };
  },
};
