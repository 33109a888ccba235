import { describe, expect, test } from 'vitest';
import { encodePem, PemError, parsePem } from '../../../shared/encoding/pem.ts';

const der = crypto.getRandomValues(new Uint8Array(100));
const block = encodePem('CERTIFICATE', der);
const withoutLineEnd = block.trimEnd();

test('a block is lines of 64 characters between its boundaries', () => {
  expect(block).toMatch(
    /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{1,63}=*\n-----END CERTIFICATE-----\n$/,
  );
});

test('blocks are read in their order, with text around them', () => {
  const other = crypto.getRandomValues(new Uint8Array(50));
  const text = `before\n${block}between\r\n${encodePem('CERTIFICATE', other).replaceAll('\n', '\r\n')}after`;
  expect(parsePem('CERTIFICATE', text)).toEqual([der, other]);
  expect(parsePem('CERTIFICATE', `${withoutLineEnd}\n${withoutLineEnd}`)).toEqual([der, der]);
  expect(parsePem('CERTIFICATE', `\ufeff${block}`)).toEqual([der]);
  expect(parsePem('CERTIFICATE', 'no block at all')).toEqual([]);
});

describe('is refused:', () => {
  test.each([
    ['a block of another label', encodePem('PUBLIC KEY', der)],
    ['a block of another label behind a good one', block + encodePem('PUBLIC KEY', der)],
    ['a block without an end', block.slice(0, -20)],
    ['a block that ends by another label', block.replace('END CERTIFICATE', 'END PUBLIC KEY')],
    ['a block with a character that is not base64', block.replace('\n', '\n*')],
    ['a block inside of a block', block.replace('\n', `\n${block}`)],
    ['two blocks without a line end between them', withoutLineEnd + withoutLineEnd],
    ['two blocks with five dashes between them', withoutLineEnd + withoutLineEnd.slice('-----'.length)],
    ['two blocks with a space between them', `${withoutLineEnd} ${withoutLineEnd}`],
    ['a block behind other text on its line', `x${block}`],
    ['a block whose base64 begins on the line of its label', block.replace('\n', '')],
  ])('%s', (_, text) => {
    expect(() => parsePem('CERTIFICATE', text)).toThrow(PemError);
  });
});
