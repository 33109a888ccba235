import { expect, test } from 'vitest';
import { isBrokenModulus } from '../../../../../workers/authority/registration/broken-modulus.ts';
import { fromHex, magnitudeOf } from '../../../../support/bytes.ts';
import { createKey } from '../../../../support/keys.ts';

const primesBelow = (limit: number): bigint[] => {
  const primes: bigint[] = [];
  for (let n = 2n; n < limit; n++) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  return primes;
};

test('the fingerprint of CVE-2017-15361 is told from other moduli', () => {
  // Such primes are k * M + (65537 ^ a mod M), M being a primorial, so that their product is of that form as well.
  const primorial = primesBelow(168).reduce((product, prime) => product * prime);
  let power = 1n;
  for (let i = 0; i < 1234; i++) power = (power * 65537n) % primorial;
  const hasSmallFactor = (n: bigint) => primesBelow(752).some((prime) => n % prime === 0n);
  let modulus = power + primorial * 2n ** 1800n;
  while (hasSmallFactor(modulus)) modulus += primorial;
  expect(isBrokenModulus(magnitudeOf(modulus))).toBe(true);
  let other = modulus + 2n;
  while (hasSmallFactor(other)) other += 2n;
  expect(isBrokenModulus(magnitudeOf(other))).toBe(false);
});

test('factors that are close to each other are found, by the method of Fermat', () => {
  // 2^1024 - 105 is a prime; what lies right behind 2^1024 is none that is small.
  const prime = 2n ** 1024n - 105n;
  expect(isBrokenModulus(magnitudeOf(prime * prime))).toBe(true);
  expect(isBrokenModulus(magnitudeOf(prime * (2n ** 1024n + 643n)))).toBe(true);
});

test('a small factor is found; a key as platforms make it is not broken', async () => {
  expect(isBrokenModulus(fromHex(`${'ff'.repeat(255)}fe`))).toBe(true);
  const { publicKey } = await createKey('RSA-2048');
  expect(publicKey.algorithm === 'RSA' && isBrokenModulus(publicKey.modulus)).toBe(false);
});
