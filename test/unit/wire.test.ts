import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../shared/identity.ts';
import { answerForm } from '../../shared/wire/answer.ts';
import { decodeBase64, encodeBase64, encodeBase64Lines } from '../../shared/wire/base64.ts';
import { newGuid, parseGuid } from '../../shared/wire/guid.ts';
import { calePemOf, endToEndHeaders, parseCalePem } from '../../shared/wire/headers.ts';
import { formatIdentity, parseIdentity } from '../../shared/wire/identity-header.ts';
import { decodePemBlocks, encodePem } from '../../shared/wire/pem.ts';

const octets = fc.uint8Array({ maxLength: 500 }).map((bytes) => Uint8Array.from(bytes));

test('base64 is read back, in lines of 64 too', () => {
  fc.assert(
    fc.property(octets, (bytes) => {
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
      expect(decodeBase64(encodeBase64Lines(bytes).replaceAll('\n', '\r\n'))).toEqual(bytes);
    }),
  );
});

test('a GUID is taken in either case, and kept in lower case', () => {
  const guid = newGuid();
  expect(parseGuid(guid)).toBe(guid);
  expect(parseGuid(guid.toUpperCase())).toBe(guid);
});

test.each([
  '',
  'x',
  '{bec6dc7e-6562-4b1c-b308-6c352e6f8404}',
  'bec6dc7e65624b1cb3086c352e6f8404',
  `${newGuid()},${newGuid()}`,
])('%j is no GUID', (text) => {
  expect(parseGuid(text)).toBeUndefined();
});

describe('CALE-PEM', () => {
  test('is base64 on one line in quotes, and is read without them too', () => {
    const der = crypto.getRandomValues(new Uint8Array(700));
    const value = calePemOf(encodePem('CERTIFICATE', der)) ?? expect.unreachable();
    expect(value).toMatch(/^"[A-Za-z0-9+/=]+"$/);
    expect(parseCalePem(value)).toEqual(der);
    expect(parseCalePem(value.slice(1, -1))).toEqual(der);
  });

  test.each(['', '""', '"AA', 'not base64!', 'A'.repeat(20_000)])('is not read from %.20j', (value) => {
    expect(parseCalePem(value)).toBeUndefined();
  });
});

describe('CALE-Identity', () => {
  test('says who it is as a dictionary', () => {
    const identity = { owner: 'alice', organization: 'example.com', scopes: ['read', 'write'] };
    expect(formatIdentity(identity)).toBe('cn="alice", dc="example.com", ou=("read" "write")');
  });

  test('is read back for owners in any script', () => {
    const owner = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((name) => !/[\x00-\x1f\x7f]/.test(name));
    const scopes = fc.array(fc.stringMatching(/^[!#-[\]-~]{1,20}$/), { maxLength: 5 });
    fc.assert(
      fc.property(owner, scopes, (owner, scopes) => {
        const identity: Identity = { owner, organization: 'example.com', scopes };
        expect(parseIdentity(formatIdentity(identity))).toEqual(identity);
      }),
    );
  });

  test.each([
    '',
    'cn="alice"',
    'cn="", dc="example.com", ou=()',
    'cn="alice", dc="not a domain", ou=()',
    'cn="alice", dc="example.com", ou=("two words")',
    'cn=1, dc="example.com", ou=()',
    'cn="alice", dc="example.com", ou=(1)',
  ])('is refused as %j', (value) => {
    expect(parseIdentity(value)).toBeUndefined();
  });
});

test('header fields that end at a hop are not handed on, nor those that Connection names', () => {
  const headers = new Headers({
    Connection: 'close, X-Private',
    'Keep-Alive': '5',
    TE: 'trailers',
    Upgrade: 'websocket',
    'X-Private': '1',
    'X-Public': '1',
  });
  expect([...endToEndHeaders(headers).keys()]).toEqual(['x-public']);
});

describe('PEM', () => {
  const der = crypto.getRandomValues(new Uint8Array(100));

  test('blocks are read in their order, with text around them', () => {
    const text = `before\n${encodePem('CERTIFICATE', der)}between\r\n${encodePem('CERTIFICATE', der).replaceAll('\n', '\r\n')}after`;
    expect(decodePemBlocks('CERTIFICATE', text)).toEqual([der, der]);
  });

  test.each([
    ['another label', encodePem('PUBLIC KEY', der)],
    ['no end', encodePem('CERTIFICATE', der).slice(0, -20)],
    ['a character that is not base64', encodePem('CERTIFICATE', der).replace('\n', '\n*')],
  ])('a block with %s is refused', (_, text) => {
    expect(() => decodePemBlocks('CERTIFICATE', text)).toThrow(TypeError);
  });
});

test.each([
  [null, false],
  ['*/*', false],
  ['application/pkcs7-mime', true],
  ['application/json, Application/PKCS7-MIME;q=0.5', true],
  ['application/pkcs7-mime;q=0', false],
  ['application/x-pkcs7-mime', false],
])('Accept: %s asks for DER: %s', (accept, binary) => {
  expect(answerForm('AES-256-GCM', accept)).toEqual({ smimeType: 'authEnveloped-data', binary });
});
