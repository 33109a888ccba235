import { expect, test } from 'vitest';
import { faultOfModulus } from '../../../../../workers/authority/registration/broken-modulus.ts';
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
  expect(faultOfModulus(magnitudeOf(modulus))).toContain('CVE-2017-15361');
  let other = modulus + 2n;
  while (hasSmallFactor(other)) other += 2n;
  expect(faultOfModulus(magnitudeOf(other))).toBeUndefined();
});

test('factors that are close to each other are found, by the method of Fermat', () => {
  // 2^1024 - 105 is a prime; what lies right behind 2^1024 is none that is small.
  const prime = 2n ** 1024n - 105n;
  expect(faultOfModulus(magnitudeOf(prime * prime))).toContain('CVE-2022-26320');
  expect(faultOfModulus(magnitudeOf(prime * (2n ** 1024n + 643n)))).toContain('CVE-2022-26320');
});

test('a small factor is found; a key as platforms make it is not broken', async () => {
  expect(faultOfModulus(fromHex(`${'ff'.repeat(255)}fe`))).toBe('the factor 2');
  const { publicKey } = await createKey('RSA-2048');
  expect(publicKey.algorithm === 'RSA' && faultOfModulus(publicKey.modulus)).toBeUndefined();
});
