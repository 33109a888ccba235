/** The signatures that are accepted on CSRs: more than those by which keys sign here, because other tools make them. */

import { CURVES, type Curve } from '../../../shared/crypto/keys/ec.ts';
import type { PublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { ECDSA_OIDS, ecdsa } from '../../../shared/crypto/signatures/ecdsa.ts';
import { PKCS1_OIDS, pkcs1, unchanged } from '../../../shared/crypto/signatures/rsa.ts';
import type { SignatureScheme } from '../../../shared/crypto/signatures/scheme.ts';
import { equal } from '../../../shared/encoding/bytes.ts';
import { parseSequence } from '../../../shared/encoding/der/reader.ts';
import { context, encode, NULL, objectIdentifier, sequence } from '../../../shared/encoding/der/writer.ts';
import { tryParse } from '../../../shared/encoding/error.ts';

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

/**
 * @param algorithmIdentifier DER of a signature's AlgorithmIdentifier.
 * @returns the scheme that it names; undefined when it is none of the key's, or has a weak hash.
 */
export function findScheme(key: PublicKey, algorithmIdentifier: Uint8Array<ArrayBuffer>): SignatureScheme | undefined {
  const accepted = key.algorithm === 'RSA' ? PKCS1 : (ECDSA.get(key.curve) ?? []);
  const found = accepted.find(
    ({ scheme, alternative }) =>
      equal(scheme.algorithmIdentifier, algorithmIdentifier) || equal(alternative, algorithmIdentifier),
  );
  return found?.scheme ?? (key.algorithm === 'RSA' ? tryParse(() => parsePss(algorithmIdentifier)) : undefined);
}

const ID_RSASSA_PSS = '1.2.840.113549.1.1.10';
const ID_MGF1 = '1.2.840.113549.1.1.8';
const HASH_OIDS = {
  'SHA-256': '2.16.840.1.101.3.4.2.1',
  'SHA-384': '2.16.840.1.101.3.4.2.2',
  'SHA-512': '2.16.840.1.101.3.4.2.3',
} as const;
/** Maximum size of a salt, in bytes: no key that is accepted has room for more. */
const MAX_SALT_BYTES = 512;

/** DER of RSASSA-PSS-params up to the salt length, with the NULL of the hash or without (RFC 4055 2.1). */
const PSS_HASHES = HASHES.flatMap((hash) =>
  [[NULL], []].map((parameters) => {
    const identifier = sequence(objectIdentifier(HASH_OIDS[hash]), ...parameters);
    return {
      hash,
      hashAlgorithm: encode(context(0, identifier)),
      maskGenAlgorithm: encode(context(1, sequence(objectIdentifier(ID_MGF1), identifier))),
    };
  }),
);

/** RSASSA-PSS with one hash throughout: WebCrypto has no MGF1 on another one. @throws {DerError} */
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
