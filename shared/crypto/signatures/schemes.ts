/** Signatures on certificates and CSRs: one file a type of key, behind one table. */

import { equal } from '../../encoding/bytes.ts';
import { KeyError } from '../keys/parser.ts';
import { privateKeyAlgorithm } from '../keys/private-key.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { ECDSA } from './ecdsa.ts';
import { RSA_SIGNATURES } from './rsa.ts';
import type { HttpSignatureAlgorithm, SignatureScheme, SignatureSchemes } from './scheme.ts';

const TABLE: readonly SignatureSchemes[] = [RSA_SIGNATURES, ...ECDSA];

function schemesOf(key: PublicKey): SignatureSchemes {
  const schemes = TABLE.find((each) => each.accepts(key));
  if (schemes === undefined) throw new TypeError(`no signature scheme for ${key.keyType}`);
  return schemes;
}

/** The scheme by which a key signs certificates and CSRs here: SHA-256, or the hash of the curve's size. */
export const preferredScheme = (key: PublicKey): SignatureScheme => schemesOf(key).preferred;

/** The algorithms by which a key signs HTTP messages, the preferred one first. */
export const httpAlgorithms = (key: PublicKey): readonly [HttpSignatureAlgorithm, ...HttpSignatureAlgorithm[]] =>
  schemesOf(key).http;

/**
 * @param alg the parameter of a signature; the preferred algorithm is meant where it is left out (RFC 9421 3.2).
 * @returns the algorithm; undefined when keys of this type have none of that name.
 */
export function findHttpAlgorithm(key: PublicKey, alg: string | undefined): HttpSignatureAlgorithm | undefined {
  const algorithms = httpAlgorithms(key);
  return alg === undefined ? algorithms[0] : algorithms.find((each) => each.alg === alg);
}

/** The algorithm by which a private key signs HTTP messages, by the algorithm that WebCrypto says it is for. */
export function httpAlgorithmOfPrivateKey({ algorithm }: CryptoKey): HttpSignatureAlgorithm {
  const { name, namedCurve } = algorithm as { readonly name: string; readonly namedCurve?: string };
  const found = TABLE.map(({ http: [preferred] }) => preferred).find(
    ({ keyAlgorithm }) => keyAlgorithm.name === name && keyAlgorithm.namedCurve === namedCurve,
  );
  if (found === undefined) throw new TypeError(`no HTTP signature by a key for ${name}`);
  return found;
}

/**
 * @param pkcs8 DER of the PrivateKeyInfo (RFC 5958 2).
 * @returns the private key as it signs HTTP messages; it cannot be exported.
 * @throws {KeyError} when it is of no accepted type.
 * @throws {DerError} when it is no PrivateKeyInfo.
 */
export async function importHttpSigningKey(
  pkcs8: Uint8Array<ArrayBuffer>,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<CryptoKey> {
  const algorithm = privateKeyAlgorithm(pkcs8);
  const schemes = TABLE.find(({ keyAlgorithmIdentifier }) => equal(keyAlgorithmIdentifier, algorithm));
  if (schemes === undefined) throw new KeyError('the private key is of no accepted type');
  return subtle.importKey('pkcs8', pkcs8, schemes.http[0].keyAlgorithm, false, ['sign']);
}
