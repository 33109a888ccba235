/** The rules for the public keys of CSRs. */

import type { PublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { F4, type RsaPublicKey } from '../../../shared/crypto/keys/rsa.ts';
import { equal } from '../../../shared/encoding/bytes.ts';
import { isBrokenModulus } from './broken-modulus.ts';

export const MIN_MODULUS_BITS = 2048;
export const MAX_MODULUS_BITS = 4096;

export type KeyFault = 'csr-weak-key' | 'csr-broken-key';

/** @returns the rule that the key breaks; undefined when it breaks none. A named curve leaves nothing to check. */
export const faultOfKey = (key: PublicKey): KeyFault | undefined =>
  key.algorithm === 'RSA' ? faultOfRsaKey(key) : undefined;

function faultOfRsaKey({ modulus, modulusBits, publicExponent }: RsaPublicKey): KeyFault | undefined {
  const isSizeGood = modulusBits >= MIN_MODULUS_BITS && modulusBits <= MAX_MODULUS_BITS;
  if (!isSizeGood || !equal(publicExponent, F4)) return 'csr-weak-key';
  return isBrokenModulus(modulus) ? 'csr-broken-key' : undefined;
}
