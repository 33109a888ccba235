/** Signatures on certificates and CSRs: one file a type of key, behind one table. */

import type { PublicKey } from '../keys/public-key.ts';
import { ECDSA } from './ecdsa.ts';
import { RSA_SIGNATURES } from './rsa.ts';
import type { SignatureScheme, SignatureSchemes } from './scheme.ts';

const TABLE: readonly SignatureSchemes[] = [RSA_SIGNATURES, ...ECDSA];

function schemesOf(key: PublicKey): SignatureSchemes {
  const schemes = TABLE.find((each) => each.accepts(key));
  if (schemes === undefined) throw new TypeError(`no signature scheme for ${key.keyType}`);
  return schemes;
}

/** The scheme by which a key signs certificates and CSRs here: SHA-256, or the hash of the curve's size. */
export const preferredScheme = (key: PublicKey): SignatureScheme => schemesOf(key).preferred;

/**
 * @param algorithmIdentifier DER of a signature's AlgorithmIdentifier.
 * @returns the scheme that it names; undefined when it is none of the key's, or has a weak hash.
 */
export const findScheme = (key: PublicKey, algorithmIdentifier: Uint8Array<ArrayBuffer>): SignatureScheme | undefined =>
  schemesOf(key).find(algorithmIdentifier);
