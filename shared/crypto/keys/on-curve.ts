/** Points on the accepted curves (SEC 1 3.2.2.1, FIPS 186-4 D.1.2). */

import { hex } from '../../encoding/bytes.ts';
import type { Curve } from './ec.ts';

/** Prime p and coefficient b of y² = x³ − 3x + b modulo p. */
const EQUATIONS: Readonly<Record<Curve, { readonly p: bigint; readonly b: bigint }>> = {
  'P-256': {
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

/**
 * WebKitGTK 2.50 agrees on a secret with points off the curve too, by which the sender learns the private key.
 * @param point uncompressed, of the length of the curve.
 */
export function isOnCurve(curve: Curve, point: Uint8Array): boolean {
  const { p, b } = EQUATIONS[curve];
  const middle = (point.length + 1) / 2;
  const x = BigInt(`0x${hex(point.subarray(1, middle))}`);
  const y = BigInt(`0x${hex(point.subarray(middle))}`);
  return x < p && y < p && (y * y - (x * x - 3n) * x - b) % p === 0n;
}
