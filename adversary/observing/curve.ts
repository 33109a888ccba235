/** The equation of the NIST curves (SP 800-186 3.2.1): y² = x³ - 3x + b over a prime field. */

import { hex } from '../../shared/encoding/bytes.ts';

interface Equation {
  readonly prime: bigint;
  readonly b: bigint;
}

/** By size of a coordinate in bytes. */
const EQUATIONS: ReadonlyMap<number, Equation> = new Map([
  [
    32,
    {
      prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    },
  ],
  [
    48,
    {
      prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    },
  ],
  [
    66,
    {
      prime: 2n ** 521n - 1n,
      b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    },
  ],
]);

const UNCOMPRESSED = 4;

/** @returns whether a point is on its curve, in a word. */
export function checkPoint(point: Uint8Array): 'on its curve' | 'off its curve' | 'of no curve' {
  const size = (point.length - 1) / 2;
  const equation = EQUATIONS.get(size);
  if (equation === undefined || point[0] !== UNCOMPRESSED) return 'of no curve';
  const { prime, b } = equation;
  const [x, y] = [point.subarray(1, 1 + size), point.subarray(1 + size)].map((bytes) => BigInt(`0x${hex(bytes)}`));
  if (x === undefined || y === undefined || x >= prime || y >= prime) return 'off its curve';
  return (y * y - (x * x * x - 3n * x + b)) % prime === 0n ? 'on its curve' : 'off its curve';
}
