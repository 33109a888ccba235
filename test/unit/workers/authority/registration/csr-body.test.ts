import { describe, expect, test } from 'vitest';
import { encodeBase64, encodeBase64Lines } from '../../../../../shared/encoding/base64.ts';
import { concat, utf8 } from '../../../../../shared/encoding/bytes.ts';
import { encodePem } from '../../../../../shared/encoding/pem.ts';
import { MAX_CSR_BYTES } from '../../../../../shared/protocol/problem.ts';
import { parseCsrBody } from '../../../../../workers/authority/registration/csr-body.ts';
import { encodeInfo, signCsr } from '../../../../support/csr.ts';
import { createKey } from '../../../../support/keys.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const key = await createKey('P-256');
const csr = await signCsr(key, encodeInfo(key.spki));
const pem = encodePem('CERTIFICATE REQUEST', csr);

/** Each character as two bytes. */
const utf16 = (text: string, isLittleEndian: boolean): Bytes => {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), isLittleEndian);
  return bytes;
};
const withoutLineEnds = (text: string): string => text.replaceAll('\n', '');

test.each([
  ['DER', csr],
  ['PEM', utf8(pem)],
  ['PEM with the line ends of Windows', utf8(pem.replaceAll('\n', '\r\n'))],
  ['PEM with the other label', utf8(encodePem('NEW CERTIFICATE REQUEST', csr))],
  ['PEM with text around it, in no encoding that is known', concat([Uint8Array.of(0xff, 0x30, 0x0a), utf8(pem)])],
  ['PEM behind text that begins with the digit of a SEQUENCE', utf8(`0 my request\n${pem}`)],
  ['PEM behind a byte order mark', utf8(`\ufeff${pem}`)],
  ['PEM without its line ends, as curl -d sends it', utf8(withoutLineEnds(pem))],
  ['the same, with the text before it on the same line', utf8(withoutLineEnds(`subject=CN = phone\n${pem}`))],
  ['PEM with spaces for line ends', utf8(pem.trim().replaceAll('\n', ' '))],
  ['PEM in UTF-16 of little endian, with its mark', utf16(`\ufeff${pem.replaceAll('\n', '\r\n')}`, true)],
  ['PEM in UTF-16 of little endian, without one', utf16(pem, true)],
  ['PEM in UTF-16 of big endian, with its mark', utf16(`\ufeff${pem}`, false)],
  ['PEM in UTF-16 of big endian, without one', utf16(pem, false)],
  ['base64 in lines (RFC 7030 4.2.1)', utf8(encodeBase64Lines(csr))],
  ['base64 in one line', utf8(encodeBase64(csr))],
  [
    'base64 in lines of Windows, behind a byte order mark',
    utf8(`\ufeff${encodeBase64Lines(csr).replaceAll('\n', '\r\n')}`),
  ],
  ['base64 in UTF-16', utf16(`\ufeff${encodeBase64(csr)}`, true)],
])('%s is read', (_, body) => {
  expect(parseCsrBody(body)).toEqual(csr);
});

describe('is refused, with what was found:', () => {
  test.each<[string, Bytes, fault: string, detail: string]>([
    ['nothing', new Uint8Array(0), 'csr-malformed', 'The body is empty.'],
    ['too much', new Uint8Array(MAX_CSR_BYTES + 1), 'csr-too-large', 'The body has 16385 bytes.'],
    ['two blocks', utf8(pem + pem), 'csr-several-pem-blocks', 'The body has 2 PEM blocks.'],
    ['two blocks in one line', utf8(withoutLineEnds(pem + pem)), 'csr-several-pem-blocks', 'has 2 PEM blocks.'],
    [
      'two blocks with five dashes between them',
      utf8(pem.trimEnd() + pem.slice('-----'.length)),
      'csr-several-pem-blocks',
      'The body has 2 PEM blocks.',
    ],
    [
      'a private key, which is not quoted',
      utf8(encodePem('PRIVATE KEY', csr)),
      'csr-malformed',
      'The PEM block is labelled PRIVATE KEY, and has to be labelled CERTIFICATE REQUEST.',
    ],
    [
      'a label that is none, which is not quoted',
      utf8('-----BEGIN \u001b[31m-----\n-----END \u001b[31m-----\n'),
      'csr-malformed',
      'The PEM block is labelled something else, and',
    ],
    ['a block without an end', utf8(pem.slice(0, -20)), 'csr-malformed', 'The PEM block has no end'],
    [
      'a block that ends by its other label',
      utf8(pem.replace('END CERT', 'END NEW CERT')),
      'csr-malformed',
      'The PEM block has no end',
    ],
    [
      'line ends that were written as two characters',
      utf8(pem.replaceAll('\n', '\\n')),
      'csr-malformed',
      'The PEM block is not base64: it has U+005C.',
    ],
    [
      'a block that is cut short',
      utf8(pem.replace(/.{3}\n-----END/, '\n-----END')),
      'csr-malformed',
      'The PEM block is not base64: its length or its padding is wrong.',
    ],
    [
      'JSON',
      utf8(JSON.stringify({ csr: encodeBase64(csr) })),
      'csr-malformed',
      'The body is no DER, no PEM and is not base64: it has U+007B.',
    ],
    ['a word', utf8('hello'), 'csr-malformed', 'The body is no DER, no PEM and is not base64'],
    ['base64url', utf8(encodeBase64(csr).replace('A', '-')), 'csr-malformed', 'not base64: it has U+002D.'],
  ])('%s', (_, body, fault, detail) => {
    expect(() => parseCsrBody(body)).toThrow(expect.objectContaining({ name: 'CsrError', fault }));
    expect(() => parseCsrBody(body)).toThrow(detail);
  });
});
