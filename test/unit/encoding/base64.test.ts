import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  encodeBase64,
  encodeBase64Lines,
  encodeBase64LinesAsBytes,
  parseBase64,
} from '../../../shared/encoding/base64.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';

const bytes = fc.uint8Array({ maxLength: 500 }).map((bytes) => Uint8Array.from(bytes));

test('base64 is read back, in lines of 64 too', () => {
  fc.assert(
    fc.property(bytes, (bytes) => {
      expect(parseBase64(encodeBase64(bytes))).toEqual(bytes);
      const lines = encodeBase64Lines(bytes);
      expect(lines).toMatch(/^([A-Za-z0-9+/]{64}\n)*([A-Za-z0-9+/]{1,63}={0,2}\n)?$/);
      expect(new TextDecoder().decode(encodeBase64LinesAsBytes(bytes))).toBe(lines);
      expect(parseBase64(lines.replaceAll('\n', '\r\n'))).toEqual(bytes);
    }),
  );
});

test.each(['A', 'AA', 'AAA', 'AA=', 'AA==AA==', 'A===', 'AAAA=', '=AAA', 'AA-_', 'AAA*', 'AAAA\u00a0'])(
  '%j is not base64',
  (text) => {
    expect(() => parseBase64(text)).toThrow(EncodingError);
  },
);
