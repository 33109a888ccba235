import { describe, expect, test } from 'vitest';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { encodeCalePem, parseCalePem } from '../../../shared/protocol/cale-pem.ts';

describe('CALE-PEM', () => {
  test('is base64 on one line in quotes, and is read without them too', () => {
    const der = crypto.getRandomValues(new Uint8Array(700));
    const value = encodeCalePem(der);
    expect(value).toMatch(/^"[A-Za-z0-9+/=]+"$/);
    expect(parseCalePem(value)).toEqual(der);
    expect(parseCalePem(value.slice(1, -1))).toEqual(der);
  });

  test.each(['', '""', '"', '"AA', 'not base64!', 'A'.repeat(20_000)])('is not read from %.20j', (value) => {
    expect(() => parseCalePem(value)).toThrow(EncodingError);
  });
});
