import { describe, expect, test } from 'vitest';
import { claimedGuid, newGuid, tryParseGuid } from '../../../shared/protocol/guid.ts';

const MALFORMED = [
  '',
  'x',
  '{bec6dc7e-6562-4b1c-b308-6c352e6f8404}',
  'bec6dc7e65624b1cb3086c352e6f8404',
  'bec6dc7e-6562-4b1c-b308-6c352e6f8404,bec6dc7e-6562-4b1c-b308-6c352e6f8404',
  'bec6dc7e-6562-4b1c-b308-6c352e6f8404 ',
  'gec6dc7e-6562-4b1c-b308-6c352e6f8404',
  '\u00e9'.repeat(5000),
];

test('a GUID is taken in either case, and kept in lower case', async () => {
  const guid = newGuid();
  expect(tryParseGuid(guid)).toBe(guid);
  expect(tryParseGuid(guid.toUpperCase())).toBe(guid);
  expect(await claimedGuid(guid.toUpperCase())).toBe(guid);
});

test.each(MALFORMED)('%.50j is no GUID', (text) => {
  expect(tryParseGuid(text)).toBeUndefined();
});

describe('of a malformed text', () => {
  test.each(MALFORMED)('such as %.50j there is a GUID, the same each time', async (text) => {
    const guid = await claimedGuid(text);
    expect(tryParseGuid(guid)).toBe(guid);
    expect(await claimedGuid(text)).toBe(guid);
  });

  test('there is another GUID for another text', async () => {
    expect(new Set(await Promise.all(MALFORMED.map(claimedGuid))).size).toBe(MALFORMED.length);
  });
});
