import type { Curve } from './public-key.ts';

/** @returns an ephemeral key pair for ECDH whose private key cannot be exported. */
export async function generateEcdhKeyPair(curve: Curve): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: curve }, false, ['deriveBits'])) as CryptoKeyPair;
}
