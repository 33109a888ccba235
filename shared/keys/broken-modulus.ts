/** RSA moduli that are known to be broken, told from the modulus alone. */

const SMALL_PRIMES = primesBelow(752);
/** The primes whose residues give a ROCA modulus away (Nemec et al., CCS 2017). */
const ROCA_PRIMES = primesBelow(168).slice(1);
const ROCA_GENERATOR = 65537;

/**
 * @param modulus big-endian.
 * @returns true when it is even, has a prime factor below 752, or bears the fingerprint of Infineon's key generator
 *   (CVE-2017-15361), whose primes are powers of 65537 modulo a primorial.
 */
export function isBrokenModulus(modulus: Uint8Array): boolean {
  const residues = new Map(SMALL_PRIMES.map((prime) => [prime, residue(modulus, prime)]));
  if (SMALL_PRIMES.some((prime) => residues.get(prime) === 0)) return true;
  return ROCA_PRIMES.every((prime) => isPowerOfGenerator(residues.get(prime) ?? 0, prime));
}

function residue(magnitude: Uint8Array, divisor: number): number {
  let rest = 0;
  for (const octet of magnitude) rest = (rest * 256 + octet) % divisor;
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
