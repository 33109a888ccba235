import { describe, expect, test } from 'vitest';
import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { parseUtf8 } from '../../../shared/encoding/bytes.ts';
import {
  acceptedInside,
  createSealedResponse,
  envelopeType,
  formatOfSealed,
  negotiateFormat,
  type SealedFormat,
} from '../../../shared/protocol/sealed-response.ts';

test.each([
  [null, false],
  ['*/*', false],
  ['application/pkcs7-mime', true],
  ['application/json, Application/PKCS7-MIME;q=0.5', true],
  ['application/pkcs7-mime;q=0', false],
  ['application/pkcs7-mime;q=0.000', false],
  ['application/x-pkcs7-mime', false],
])('Accept: %s asks for DER: %s', (accept, binary) => {
  expect(negotiateFormat('AES-256-GCM', accept)).toEqual({ smimeType: 'authEnveloped-data', binary });
  expect(negotiateFormat('AES-256-CBC', accept)).toEqual({ smimeType: 'enveloped-data', binary });
});

test.each([true, false])('the type of an envelope asks for it by itself (in DER: %s)', (binary) => {
  const format: SealedFormat = { smimeType: 'authEnveloped-data', binary };
  expect(negotiateFormat('AES-256-GCM', envelopeType(format))).toEqual(format);
});

test.each([
  ['*/*', '*/*'],
  ['text/html, */*;q=0.1', 'text/html, */*;q=0.1'],
  ['application/pkcs7-mime', '*/*'],
  ['application/x-pkcs7-mime', '*/*'],
  ['Application/PKCS7-MIME; q=0.5', '*/*'],
  ['application/json, application/pkcs7-mime', 'application/json'],
  ['application/pkcs7-mime, application/json;q=0.5,text/html', 'application/json;q=0.5,text/html'],
  ['', '*/*'],
])('Accept: %j is for the application %j', (accept, inside) => {
  expect(acceptedInside(accept)).toBe(inside);
});

const PARTS = [Uint8Array.of(0x30, 0x64), new Uint8Array(100).fill(7)];
const FORMATS: SealedFormat[] = (['enveloped-data', 'authEnveloped-data'] as const).flatMap((smimeType) => [
  { smimeType, binary: true },
  { smimeType, binary: false },
]);

describe.each(FORMATS)('an answer of $smimeType, in DER: $binary', (format) => {
  test('has its parts in one piece, and is told by its header fields', async () => {
    const response = createSealedResponse(format, PARTS, 'GET');
    expect(formatOfSealed(response)).toEqual(format);
    const body = new Uint8Array(await response.arrayBuffer());
    expect(format.binary ? body : parseBase64(parseUtf8(body))).toEqual(
      Uint8Array.from(PARTS.flatMap((part) => [...part])),
    );
  });

  test('has no body for HEAD', async () => {
    const response = createSealedResponse(format, PARTS, 'HEAD');
    expect(formatOfSealed(response)).toEqual(format);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });
});

test.each([
  ['of another status', 201, 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"'],
  ['of another type', 200, 'application/json'],
  ['of the type without its parameters', 200, 'application/pkcs7-mime'],
  ['signed instead', 200, 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"'],
])('an answer %s is not sealed', (_, status, type) => {
  expect(formatOfSealed(new Response('x', { status, headers: { 'Content-Type': type } }))).toBeUndefined();
});
