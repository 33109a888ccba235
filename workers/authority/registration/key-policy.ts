/** The rules for the public keys of CSRs. */

import type { PublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { F4, MIN_MODULUS_BITS, type RsaPublicKey } from '../../../shared/crypto/keys/rsa.ts';
import { equal, hex } from '../../../shared/encoding/bytes.ts';
import { faultOfModulus } from './broken-modulus.ts';
import { CsrError, MAX_MODULUS_BITS } from './csr-rules.ts';

/** @throws {CsrError} when the key breaks a rule. A named curve leaves nothing to check. */
export function assertGoodKey(key: PublicKey): void {
  if (key.algorithm === 'RSA') assertGoodRsaKey(key);
}

/** Bytes of an exponent that are quoted. */
const QUOTED_BYTES = 8;

function assertGoodRsaKey({ modulus, modulusBits, publicExponent }: RsaPublicKey): void {
  if (modulusBits < MIN_MODULUS_BITS || modulusBits > MAX_MODULUS_BITS) {
    throw new CsrError('csr-weak-key', `The RSA key has ${modulusBits} bits.`);
  }
  if (!equal(publicExponent, F4)) {
    const exponent =
      publicExponent.length > QUOTED_BYTES ? `${publicExponent.length} bytes` : `0x${hex(publicExponent)}`;
    throw new CsrError('csr-weak-key', `The exponent of the RSA key is ${exponent}.`);
  }
  const fault = faultOfModulus(modulus);
  if (fault !== undefined) throw new CsrError('csr-broken-key', `The modulus of the RSA key has ${fault}.`);
}
