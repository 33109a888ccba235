import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BinaryHttpError } from '../../../../shared/encoding/bhttp/reader.ts';
import { type BinaryRequest, encodeRequest, parseRequest } from '../../../../shared/encoding/bhttp/request.ts';
import { concat, utf8 } from '../../../../shared/encoding/bytes.ts';
import { fromHex } from '../../../support/bytes.ts';

/** RFC 9292 5.1, "Known-Length Binary Encoding of Request". Its authority is empty; it stands in the Host field. */
const KNOWN_LENGTH = fromHex(`
  00034745 54056874 74707300 0a2f6865 6c6c6f2e 74787440 6c0a7573 65722d61 67656e74 34637572 6c2f372e 31362e33
  206c6962 6375726c 2f372e31 362e3320 4f70656e 53534c2f 302e392e 376c207a 6c69622f 312e322e 3304686f 73740f77
  77772e65 78616d70 6c652e63 6f6d0f61 63636570 742d6c61 6e677561 67650665 6e2c206d 690000`);

/** RFC 9292 5.1, "Indeterminate-Length Binary Encoding of Request", with ten bytes of padding. */
const INDETERMINATE = fromHex(`
  02034745 54056874 74707300 0a2f6865 6c6c6f2e 7478740a 75736572 2d616765 6e743463 75726c2f 372e3136 2e33206c
  69626375 726c2f37 2e31362e 33204f70 656e5353 4c2f302e 392e376c 207a6c69 622f312e 322e3304 686f7374 0f777777
  2e657861 6d706c65 2e636f6d 0f616363 6570742d 6c616e67 75616765 06656e2c 206d6900 00000000 00000000 00000000`);

/** Size of the framing indicator, the method and the scheme. */
const BEFORE_AUTHORITY = 11;
const AUTHORITY = fromHex('0f 7777772e6578616d706c652e636f6d');

/** The example with the authority in its place. A sealed request names its target URI, which a field cannot. */
const withAuthority = (message: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  concat([message.slice(0, BEFORE_AUTHORITY), AUTHORITY, message.slice(BEFORE_AUTHORITY + 1)]);

const EXAMPLE: BinaryRequest = {
  method: 'GET',
  targetUri: 'https://www.example.com/hello.txt',
  headers: [
    ['user-agent', 'curl/7.16.3 libcurl/7.16.3 OpenSSL/0.9.7l zlib/1.2.3'],
    ['host', 'www.example.com'],
    ['accept-language', 'en, mi'],
  ],
  content: new Uint8Array(0),
};

describe('the examples of RFC 9292, with their authority in its place,', () => {
  test('are read in either framing', () => {
    expect(parseRequest(withAuthority(KNOWN_LENGTH))).toEqual(EXAMPLE);
    expect(parseRequest(withAuthority(INDETERMINATE))).toEqual(EXAMPLE);
  });

  test('are read without the empty end that may be left out', () => {
    for (const cut of [1, 2]) expect(parseRequest(withAuthority(KNOWN_LENGTH).slice(0, -cut))).toEqual(EXAMPLE);
    for (const cut of [1, 10, 12]) expect(parseRequest(withAuthority(INDETERMINATE).slice(0, -cut))).toEqual(EXAMPLE);
  });

  test('are written to the byte', () => {
    expect(encodeRequest(EXAMPLE)).toEqual(withAuthority(KNOWN_LENGTH));
  });
});

test('the examples of RFC 9292 as they are name no target URI, and are refused', () => {
  for (const message of [KNOWN_LENGTH, INDETERMINATE]) {
    expect(() => parseRequest(message)).toThrow('malformed control data');
  }
});

const method = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const targetUri = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.stringMatching(/^[a-z0-9.:[\]-]{1,30}$/),
    fc.stringMatching(/^\/[!-"$-~]{0,100}$/),
  )
  .map(([scheme, authority, path]) => `${scheme}://${authority}${path}`);
const field = fc.tuple(fc.stringMatching(/^[a-z0-9-]{1,20}$/), fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,300}$/));
const request: fc.Arbitrary<BinaryRequest> = fc.record({
  method,
  targetUri,
  headers: fc.array(field, { maxLength: 8 }),
  content: fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Uint8Array.from(bytes)),
});

test('a request is read back as it was, padded or not', () => {
  fc.assert(
    fc.property(request, fc.nat(1000), (each, more) => {
      const message = encodeRequest(each);
      expect(parseRequest(message)).toEqual(each);
      const padded = encodeRequest(each, (length) => length + more);
      expect(padded).toEqual(concat([message, new Uint8Array(more)]));
      expect(parseRequest(padded)).toEqual(each);
    }),
  );
});

test('content in chunks is put together, and trailers are passed over', () => {
  const control = fromHex('02 04 504f5354 05 6874747073 01 61 01 2f');
  const message = concat([control, fromHex('01 78 01 79 00'), fromHex('02 6162 01 63 00'), fromHex('01 74 01 75 00')]);
  expect(parseRequest(message)).toEqual({
    method: 'POST',
    targetUri: 'https://a/',
    headers: [['x', 'y']],
    content: utf8('abc'),
  });
});

test('a message that is none is the one error, whatever its bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parseRequest(Uint8Array.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(BinaryHttpError);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a message that is cut off within a part is refused', () => {
  const message = encodeRequest({ ...EXAMPLE, content: utf8('content') });
  const endOfFields = message.length - 'content'.length - 2;
  const endOfControl = encodeRequest({ ...EXAMPLE, headers: [] }).length - 3;
  for (let length = 0; length < message.length - 1; length++) {
    // Between the parts nothing tells it from one whose end is empty and left out.
    if (length !== endOfControl && length !== endOfFields)
      expect(() => parseRequest(message.slice(0, length)), String(length)).toThrow(BinaryHttpError);
  }
});

describe('is refused:', () => {
  const GET = '00 03 474554 05 6874747073 01 61 01 2f';
  test.each([
    ['an unknown framing', GET.replace('00', '04')],
    ['a response of known length', `01${GET.slice(2)}`],
    ['a response of indeterminate length', `03${GET.slice(2)}`],
    ['no method', '00 00 05 6874747073 01 61 01 2f'],
    ['a method with a space', '00 03 472054 05 6874747073 01 61 01 2f'],
    ['another scheme', '00 03 474554 03 667470 01 61 01 2f'],
    ['a scheme in upper case', '00 03 474554 05 4874747073 01 61 01 2f'],
    ['no authority', '00 03 474554 05 6874747073 00 01 2f'],
    ['an authority with a slash', '00 03 474554 05 6874747073 03 612f62 01 2f'],
    ['no path', '00 03 474554 05 6874747073 01 61 00'],
    ['a path without a slash', '00 03 474554 05 6874747073 01 61 01 2a'],
    ['a path with a fragment', '00 03 474554 05 6874747073 01 61 03 2f2361'],
    ['a path with a line end', '00 03 474554 05 6874747073 01 61 03 2f0a61'],
    ['a field name in upper case', `${GET} 04 01 58 01 79`],
    ['an empty field name', `${GET} 03 00 01 79`],
    ['a field name with a colon', `${GET} 07 04 3a616263 01 79`],
    ['a field value with a line end', `${GET} 05 01 78 02 0d0a`],
    ['a field value with a zero byte', `${GET} 04 01 78 01 00`],
    ['a field longer than its section', `${GET} 03 01 78 05`],
    ['a section longer than the message', `${GET} 40ff`],
    ['content longer than the message', `${GET} 00 05 61`],
    ['padding that is not of zeros', `${GET} 00 00 00 00 01`],
    ['an integer beyond 2^53', `00 ffffffffffffffff`],
  ])('%s', (_, digits) => {
    expect(() => parseRequest(fromHex(digits))).toThrow(BinaryHttpError);
  });

  test('nothing', () => {
    expect(() => parseRequest(new Uint8Array(0))).toThrow(BinaryHttpError);
  });
});

test.each([
  'https://api.example.com',
  'ftp://api.example.com/',
  'https:///path',
  'https://api.example.com/#part',
  '/path',
  '',
])('a request to %j is not written', (uri) => {
  expect(() => encodeRequest({ ...EXAMPLE, targetUri: uri })).toThrow(TypeError);
});
