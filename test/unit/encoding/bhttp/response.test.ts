import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BinaryHttpError } from '../../../../shared/encoding/bhttp/reader.ts';
import { type BinaryResponse, encodeResponse, parseResponse } from '../../../../shared/encoding/bhttp/response.ts';
import { concat, parseUtf8, utf8 } from '../../../../shared/encoding/bytes.ts';
import { fromHex } from '../../../support/bytes.ts';

/** RFC 9292 5.2, "Binary Response, including Informational Responses". */
const INDETERMINATE = fromHex(`
  03406607 72756e6e 696e670a 22736c65 65702031 35220040 67046c69 6e6b233c 2f737479 6c652e63 73733e3b 2072656c
  3d707265 6c6f6164 3b206173 3d737479 6c65046c 696e6b24 3c2f7363 72697074 2e6a733e 3b207265 6c3d7072 656c6f61
  643b2061 733d7363 72697074 0040c804 64617465 1d4d6f6e 2c203237 204a756c 20323030 39203132 3a32383a 35332047
  4d540673 65727665 72064170 61636865 0d6c6173 742d6d6f 64696669 65641d57 65642c20 3232204a 756c2032 30303920
  31393a31 353a3536 20474d54 04657461 67142233 34616133 38372d64 2d313536 38656230 30220d61 63636570 742d7261
  6e676573 05627974 65730e63 6f6e7465 6e742d6c 656e6774 68023531 04766172 790f4163 63657074 2d456e63 6f64696e
  670c636f 6e74656e 742d7479 70650a74 6578742f 706c6169 6e003348 656c6c6f 20576f72 6c642120 4d792063 6f6e7465
  6e742069 6e636c75 64657320 61207472 61696c69 6e672043 524c462e 0d0a0000`);

/** RFC 9292 5.2, "Known-Length Encoding of Response", which has a trailer. */
const KNOWN_LENGTH = fromHex(`
  0140c800 1d546869 7320636f 6e74656e 7420636f 6e746169 6e732043 524c462e 0d0a0d07 74726169 6c657204 74657874`);

describe('the examples of RFC 9292', () => {
  test('of indeterminate length are read, informational responses passed over', () => {
    const { status, headers, content } = parseResponse(INDETERMINATE);
    expect(status).toBe(200);
    expect(headers).toEqual([
      ['date', 'Mon, 27 Jul 2009 12:28:53 GMT'],
      ['server', 'Apache'],
      ['last-modified', 'Wed, 22 Jul 2009 19:15:56 GMT'],
      ['etag', '"34aa387-d-1568eb00"'],
      ['accept-ranges', 'bytes'],
      ['content-length', '51'],
      ['vary', 'Accept-Encoding'],
      ['content-type', 'text/plain'],
    ]);
    expect(parseUtf8(content)).toBe('Hello World! My content includes a trailing CRLF.\r\n');
  });

  test('of known length are read, with or without the empty end that may be left out', () => {
    const expected = { status: 200, headers: [], content: utf8('This content contains CRLF.\r\n') };
    expect(parseResponse(KNOWN_LENGTH)).toEqual(expected);
    const withoutTrailers = KNOWN_LENGTH.slice(0, KNOWN_LENGTH.length - 14);
    expect(parseResponse(withoutTrailers)).toEqual(expected);
  });

  test('are written to the byte, except for the trailer', () => {
    const { content } = parseResponse(KNOWN_LENGTH);
    const written = encodeResponse({ status: 200, headers: [], content });
    const end = KNOWN_LENGTH.length - 14;
    expect(written).toEqual(concat([KNOWN_LENGTH.slice(0, end), Uint8Array.of(0)]));
  });
});

const token = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
const value = fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,300}$/);
const answer: fc.Arbitrary<BinaryResponse> = fc.record({
  status: fc.integer({ min: 200, max: 599 }),
  headers: fc.array(fc.tuple(token, value), { maxLength: 8 }),
  content: fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Uint8Array.from(bytes)),
});

test('an answer is read back as it was, padded or not', () => {
  fc.assert(
    fc.property(answer, fc.nat(1000), (response, more) => {
      const message = encodeResponse(response);
      expect(parseResponse(message)).toEqual(response);
      const padded = encodeResponse(response, (length) => length + more);
      expect(padded).toEqual(concat([message, new Uint8Array(more)]));
      expect(parseResponse(padded)).toEqual(response);
    }),
  );
});

test('padding is of zeros, from its first byte to its last, wherever it lies', () => {
  const message = encodeResponse({ status: 200, headers: [], content: new Uint8Array(0) });
  for (let offset = 0; offset < 4; offset++) {
    for (let length = 1; length < 14; length++) {
      for (let at = 0; at < length; at++) {
        const padded = new Uint8Array(offset + message.length + length).subarray(offset);
        padded.set(message);
        expect(parseResponse(padded).status).toBe(200);
        padded[message.length + at] = 0x80;
        expect(() => parseResponse(padded)).toThrow(BinaryHttpError);
      }
    }
  }
});

test('memory that was used before leaves no trace in the padding', () => {
  const response = { status: 200, headers: [['a', 'b']], content: utf8('content') } as const;
  const pad = (length: number) => length + 50;
  const message = encodeResponse(response, pad, (length) => new Uint8Array(length).fill(0xff));
  expect(message).toEqual(encodeResponse(response, pad));
});

test('all that is not Binary HTTP is one kind of error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parseResponse(Uint8Array.from([1, ...bytes]));
      } catch (error) {
        expect(error).toBeInstanceOf(BinaryHttpError);
      }
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['nothing', ''],
  ['a request', '00 03474554 05687474 7073 00 01 2f'],
  ['a status below 100', '01 3f 00 00'],
  ['a status of 600', '01 4258 00 00'],
  ['content cut off', '01 40c8 00 05 00'],
  ['a length beyond 2^53', '01 40c8 00 ffffffffffffffff'],
  ['padding that is not zero', '01 40c8 00 00 00 00 01'],
  ['a name in upper case', '01 40c8 04 01 41 01 61 00'],
  ['an empty name', '01 40c8 03 00 01 61 00'],
  ['a line end in a value', '01 40c8 04 01 61 01 0a 00'],
])('%s is refused', (_, hex) => {
  expect(() => parseResponse(fromHex(hex))).toThrow(BinaryHttpError);
});
