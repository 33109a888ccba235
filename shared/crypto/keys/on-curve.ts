/** Points on the accepted curves (SEC 1 3.2.2.1). */

import { hex } from '../../encoding/bytes.ts';
import { CURVES, type Curve } from './ec.ts';

/**
 * WebKitGTK 2.50 agrees on a secret with points off the curve too, by which the sender learns the private key.
 * @param point uncompressed, of the length of the curve.
 */
export function isOnCurve(curve: Curve, point: Uint8Array): boolean {
  const { p, b } = CURVES[curve];
  const middle = (point.length + 1) / 2;
  const x = BigInt(`0x${hex(point.subarray(1, middle))}`);
  const y = BigInt(`0x${hex(point.subarray(middle))}`);
  return x < p && y < p && (y * y - (x * x - 3n) * x - b) % p === 0n;
}
