/** RSA moduli that are known to be broken, told from only the modulus. */

import { hex } from '../../../shared/encoding/bytes.ts';

const SMALL_PRIMES = primesBelow(752);
/** The primes whose residues give a ROCA modulus away (Nemec et al., CCS 2017). */
const ROCA_PRIMES = primesBelow(168).slice(1);
const ROCA_GENERATOR = 65537;

/**
 * @param modulus big-endian.
 * @returns in words of what it has, the fault: a prime factor below 752, the fingerprint of Infineon's key generator, whose
 *   primes are powers of 65537 modulo a primorial, or primes that are so close to each other that Fermat's method finds
 *   them at once; undefined when it has none of these.
 */
export function faultOfModulus(modulus: Uint8Array): string | undefined {
  const residues = new Map(SMALL_PRIMES.map((prime) => [prime, residue(modulus, prime)]));
  const factor = SMALL_PRIMES.find((prime) => residues.get(prime) === 0);
  if (factor !== undefined) return `the factor ${factor}`;
  const isRoca = ROCA_PRIMES.every((prime) => isPowerOfGenerator(residues.get(prime) ?? 0, prime));
  if (isRoca) return 'the fingerprint of ROCA (CVE-2017-15361)';
  return hasCloseFactors(BigInt(`0x${hex(modulus)}`)) ? 'primes too close to each other (CVE-2022-26320)' : undefined;
}

const FERMAT_ROUNDS = 100;
/** One in six numbers could be a square by its last byte; the others need no root. */
const SQUARES_MODULO_256 = new Set(Array.from({ length: 256 }, (_, n) => (n * n) % 256));

/** Fermat's method: with a = ceil(sqrt n), a + 1, ..., looks for a square a^2 - n = b^2, so that n = (a - b)(a + b). */
function hasCloseFactors(modulus: bigint): boolean {
  let a = squareRoot(modulus);
  if (a * a < modulus) a++;
  for (let round = 0; round < FERMAT_ROUNDS; round++, a++) {
    const rest = a * a - modulus;
    if (!SQUARES_MODULO_256.has(Number(rest & 0xffn))) continue;
    const b = squareRoot(rest);
    if (b * b === rest) return true;
  }
  return false;
}

/** The whole part of the square root, by Newton's method from above. */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function residue(magnitude: Uint8Array, divisor: number): number {
  let rest = 0;
  for (const byte of magnitude) rest = (rest * 256 + byte) % divisor;
  return rest;
}

function isPowerOfGenerator(value: number, prime: number): boolean {
  let power = 1;
  do {
    if (power === value) return true;
    power = (power * ROCA_GENERATOR) % prime;
  } while (power !== 1);
  return false;
}

function primesBelow(limit: number): number[] {
  const primes: number[] = [];
  for (let n = 2; n < limit; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}
