/** Bytes as tests write them. */

/** @param digits in hexadecimal, with white space anywhere. */
export const fromHex = (digits: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(digits.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Big-endian, without leading zero bytes. */
export function magnitudeOf(number: bigint): Uint8Array<ArrayBuffer> {
  const digits = number.toString(16);
  return fromHex(digits.padStart(digits.length + (digits.length % 2), '0'));
}
