/** RSA signatures on certificates and CSRs: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 4055, RFC 8017). */

import { equal } from '../../encoding/bytes.ts';
import { parseSequence } from '../../encoding/der/reader.ts';
import { context, encode, NULL, objectIdentifier, type Part, sequence } from '../../encoding/der/writer.ts';
import { tryParse } from '../../encoding/error.ts';
import type { SignatureScheme, SignatureSchemes } from './scheme.ts';

const HASHES = {
  'SHA-256': { oid: '2.16.840.1.101.3.4.2.1', pkcs1: '1.2.840.113549.1.1.11' },
  'SHA-384': { oid: '2.16.840.1.101.3.4.2.2', pkcs1: '1.2.840.113549.1.1.12' },
  'SHA-512': { oid: '2.16.840.1.101.3.4.2.3', pkcs1: '1.2.840.113549.1.1.13' },
} as const;
type Hash = keyof typeof HASHES;
const HASH_NAMES = Object.keys(HASHES) as Hash[];

const unchanged = (signature: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => signature;

function pkcs1(hash: Hash): SignatureScheme {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
  const algorithmIdentifier = encode(sequence(objectIdentifier(HASHES[hash].pkcs1), NULL));
  return { algorithmIdentifier, keyAlgorithm: algorithm, algorithm, toDer: unchanged, fromDer: unchanged };
}

/** Beside each scheme its AlgorithmIdentifier without the NULL, which readers must take as well (RFC 4055 5). */
const PKCS1 = HASH_NAMES.map((hash) => ({
  scheme: pkcs1(hash),
  withoutNull: encode(sequence(objectIdentifier(HASHES[hash].pkcs1))),
}));

const ID_RSASSA_PSS = '1.2.840.113549.1.1.10';
const ID_MGF1 = '1.2.840.113549.1.1.8';
/** Maximum size of a salt, in bytes: no key that is accepted has room for more. */
const MAX_SALT_BYTES = 512;

/** DER of RSASSA-PSS-params up to the salt length, with the NULL of the hash or without (RFC 4055 2.1). */
const PSS_HASHES = HASH_NAMES.flatMap((hash) =>
  [[objectIdentifier(HASHES[hash].oid), NULL], [objectIdentifier(HASHES[hash].oid)]].map((parts: Part[]) => {
    const identifier = sequence(...parts);
    return {
      hash,
      hashAlgorithm: encode(context(0, identifier)),
      maskGenAlgorithm: encode(context(1, sequence(objectIdentifier(ID_MGF1), identifier))),
    };
  }),
);

/** RSASSA-PSS with one hash throughout: WebCrypto has no MGF1 on another one. */
function parsePss(algorithmIdentifier: Uint8Array<ArrayBuffer>): SignatureScheme | undefined {
  const reader = parseSequence(algorithmIdentifier);
  if (reader.objectIdentifier() !== ID_RSASSA_PSS) return undefined;
  const parameters = reader.sequence();
  reader.end();
  const hashAlgorithm = parameters.next().encoding;
  const maskGenAlgorithm = parameters.next().encoding;
  const salt = parameters.context(2);
  const saltLength = salt.unsignedInteger().reduce((value, byte) => value * 256 + byte, 0);
  salt.end();
  parameters.end();
  const known = PSS_HASHES.find((each) => equal(each.hashAlgorithm, hashAlgorithm));
  if (known === undefined || !equal(known.maskGenAlgorithm, maskGenAlgorithm)) return undefined;
  if (saltLength > MAX_SALT_BYTES) return undefined;
  const { hash } = known;
  const name = 'RSA-PSS';
  return {
    algorithmIdentifier,
    keyAlgorithm: { name, hash },
    algorithm: { name, hash, saltLength },
    toDer: unchanged,
    fromDer: unchanged,
  };
}

export const RSA_SIGNATURES: SignatureSchemes = {
  accepts: ({ algorithm }) => algorithm === 'RSA',
  preferred: pkcs1('SHA-256'),
  find: (identifier) =>
    PKCS1.find(
      ({ scheme, withoutNull }) => equal(scheme.algorithmIdentifier, identifier) || equal(withoutNull, identifier),
    )?.scheme ?? tryParse(() => parsePss(identifier)),
};
