/** Binary HTTP (RFC 9292), put together here byte by byte: all of it is the same each time. */

import { encodeBase64 } from '../../../shared/encoding/base64.ts';
import { concat, utf8 } from '../../../shared/encoding/bytes.ts';
import { encodeLatin1 } from '../../../shared/encoding/latin1.ts';
import type { Bytes } from './bytes.ts';
import { type BinaryHttpVector, type Fields, VECTORS_VERSION, type VectorFile } from './schema.ts';

type Parts = readonly (Uint8Array | number)[];

/** A number of RFC 9000 16. */
function number(value: number, length?: 1 | 2 | 4): Bytes {
  const bytes = length ?? (value < 64 ? 1 : value < 16384 ? 2 : 4);
  const out = new DataView(new ArrayBuffer(bytes));
  if (bytes === 1) out.setUint8(0, value);
  else if (bytes === 2) out.setUint16(0, 0x4000 + value);
  else out.setUint32(0, 0x80000000 + value);
  return new Uint8Array(out.buffer);
}

const message = (...parts: Parts): Bytes =>
  concat(parts.map((part) => (typeof part === 'number' ? number(part) : part)));
const text = (value: string): Bytes => message(value.length, encodeLatin1(value));
const counted = (bytes: Uint8Array): Bytes => message(bytes.length, bytes);
const fields = (lines: Fields): Bytes => counted(concat(lines.flat().map(text)));
const zeros = (count: number): Bytes => new Uint8Array(count);

const JSON_FIELDS: Fields = [
  ['content-type', 'application/json'],
  ['set-cookie', 'a=1'],
  ['set-cookie', 'b=2, c=3'],
  ['x-empty', ''],
  ['x-latin', 'caf\u00e9'],
];
const BODY = utf8('{"a":1}');
const LONG = new Uint8Array(16_400).fill(0x78);

interface Response {
  readonly status: number;
  readonly fields: Fields;
  readonly body: Uint8Array;
}
const response = (id: string, { status, fields: lines, body }: Response, ...parts: Parts): BinaryHttpVector => ({
  id,
  kind: 'response',
  valid: true,
  message: encodeBase64(message(...parts)),
  status,
  fields: lines,
  content: encodeBase64(body),
});

const refused = (id: string, kind: 'request' | 'response', reason: string, ...parts: Parts): BinaryHttpVector => ({
  id,
  kind,
  valid: false,
  fault: 'malformed',
  reason,
  message: encodeBase64(message(...parts)),
});

const ANSWER: Response = { status: 200, fields: JSON_FIELDS, body: BODY };
const EMPTY: Response = { status: 204, fields: [], body: new Uint8Array(0) };
const COMMON: Parts = [1, 200, fields(JSON_FIELDS), counted(BODY), 0];
const CONTROL = concat([text('POST'), text('https'), text('api.example.com'), text('/a?b=1')]);
const NAMED: Fields = [
  ['cale-nonce', '1795614336.tTS6sR8JCijfaO4VZAnjfg'],
  ['content-type', 'text/plain'],
];

export const makeBinaryHttp = (): VectorFile<BinaryHttpVector> => ({
  version: VECTORS_VERSION,
  tests: [
    response('a response', ANSWER, ...COMMON),
    response('padded', ANSWER, ...COMMON, zeros(57)),
    response('no content, no trailers', EMPTY, 1, 204, 0),
    response('ends behind the status', EMPTY, 1, 204),
    response('trailers are ignored', ANSWER, ...COMMON.slice(0, -1), fields([['x-checksum', 'abc']])),
    response('an informational one before it', ANSWER, 1, 103, fields([['link', '</a>']]), ...COMMON.slice(1)),
    response(
      'numbers longer than they need be',
      { status: 404, fields: [], body: BODY },
      number(1, 4),
      number(404, 4),
      number(0, 2),
      number(BODY.length, 4),
      BODY,
      number(0, 2),
    ),
    response('a long content', { ...ANSWER, body: LONG }, 1, 200, fields(JSON_FIELDS), counted(LONG), 0),
    response(
      'of indeterminate length',
      { status: 200, fields: JSON_FIELDS.slice(0, 1), body: concat([BODY, BODY]) },
      3,
      200,
      ...JSON_FIELDS.slice(0, 1).flat().map(text),
      0,
      counted(BODY),
      counted(BODY),
      0,
      0,
    ),
    {
      id: 'a request',
      kind: 'request',
      valid: true,
      message: encodeBase64(message(0, CONTROL, fields(NAMED), counted(utf8('hello')), 0, zeros(9))),
      method: 'POST',
      targetUri: 'https://api.example.com/a?b=1',
      fields: NAMED,
      content: encodeBase64(utf8('hello')),
    },
    refused(
      'padding not of zeros',
      'response',
      'The last byte of the padding is 1.',
      ...COMMON,
      zeros(5),
      Uint8Array.of(1),
    ),
    refused(
      'cut off in the content',
      'response',
      'The content has a byte less than its number.',
      ...COMMON.slice(0, 3),
      BODY.length + 1,
      BODY,
    ),
    refused(
      'cut off in the fields',
      'response',
      'The fields are longer than the message.',
      1,
      200,
      40,
      text('a'),
      text('b'),
    ),
    refused(
      'a field without a value',
      'response',
      'The section of fields ends behind a name.',
      1,
      200,
      counted(text('content-type')),
      0,
      0,
    ),
    refused(
      'a name in capitals',
      'response',
      'Names of fields are in lower case.',
      1,
      200,
      fields([['Content-Type', 'a']]),
      0,
      0,
    ),
    refused(
      'a line end in a value',
      'response',
      'A value has a line end in it.',
      1,
      200,
      fields([['x', 'a\r\ny: b']]),
      0,
      0,
    ),
    refused(
      'a request in place of a response',
      'response',
      'The framing indicator is that of a request.',
      0,
      ...COMMON.slice(1),
    ),
    refused('a status of 600', 'response', 'A status is at most 599.', 1, 600, 0, 0, 0),
    refused(
      'an indeterminate request in place of a response',
      'response',
      'The framing indicator is that of a request.',
      2,
      200,
      ...JSON_FIELDS.slice(0, 1).flat().map(text),
      0,
      counted(BODY),
      0,
      0,
    ),
    refused(
      'a response in place of a request',
      'request',
      'The framing indicator is that of a response.',
      1,
      CONTROL,
      fields(NAMED),
      counted(utf8('hello')),
      0,
    ),
    refused(
      'padding of a request not of zeros',
      'request',
      'The first byte of the padding is 1.',
      0,
      CONTROL,
      fields(NAMED),
      counted(utf8('hello')),
      0,
      Uint8Array.of(1),
      zeros(3),
    ),
    refused('nothing', 'response', 'The message is empty.'),
    refused(
      'a slash in the authority',
      'request',
      'The authority is api.example.com/b.',
      0,
      text('GET'),
      text('https'),
      text('api.example.com/b'),
      text('/a'),
      0,
      0,
      0,
    ),
  ],
});
