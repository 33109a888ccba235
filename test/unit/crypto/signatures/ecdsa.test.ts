import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEcdsaSignature, parseEcdsaSignature } from '../../../../shared/crypto/signatures/ecdsa.ts';
import { DerError } from '../../../../shared/encoding/der/error.ts';
import { fromHex } from '../../../support/bytes.ts';

test.each([32, 48, 66])('a signature of numbers of %i bytes is read back', (size) => {
  const number = fc
    .tuple(fc.nat(size - 1), fc.uint8Array({ minLength: size, maxLength: size }))
    .map(([zeros, bytes]) => {
      bytes.fill(0, 0, zeros);
      return bytes;
    });
  fc.assert(
    fc.property(number, number, (r, s) => {
      const raw = Uint8Array.from([...r, ...s]);
      expect(parseEcdsaSignature(encodeEcdsaSignature(raw), size)).toEqual(raw);
    }),
  );
});

describe('is no signature:', () => {
  test.each([
    ['nothing', ''],
    ['one number', '3003 020101'],
    ['three numbers', '3009 020101 020101 020101'],
    ['a negative number', '3006 020180 020101'],
    ['a number with a needless zero', '3007 02020001 020101'],
    ['a number too large for the curve', `3026 0221 01${'00'.repeat(32)} 020101`],
    ['bytes behind it', '3006 020101 020101 00'],
  ])('%s', (_, digits) => {
    expect(() => parseEcdsaSignature(fromHex(digits), 32)).toThrow(DerError);
  });
});
