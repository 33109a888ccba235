/** Lengths that say little: Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files", PETS 2019). */

/**
 * @param length in bytes, below 2^31.
 * @returns the length to pad to: at most 12 percent more, and one of few.
 */
export function padme(length: number): number {
  if (length < 2) return length;
  const exponent = 31 - Math.clz32(length);
  const mantissaBits = 32 - Math.clz32(exponent);
  const unit = 2 ** (exponent - mantissaBits);
  return Math.ceil(length / unit) * unit;
}
