import { describe, expect, test } from 'vitest';
import { newNonce, secondsOf, tryParseNonce } from '../../../shared/protocol/nonce.ts';

const NOW = Date.UTC(2027, 0, 1, 0, 0, 0, 900);

test('a new nonce is of the second, and of 128 random bits', () => {
  const nonces = Array.from({ length: 100 }, () => newNonce(NOW));
  expect(new Set(nonces).size).toBe(100);
  for (const nonce of nonces) {
    expect(nonce).toMatch(/^1798761600\.[A-Za-z0-9_-]{22}$/);
    expect(tryParseNonce(nonce)).toBe(nonce);
    expect(secondsOf(nonce)).toBe(1798761600);
  }
});

test('its random bits are those of the source that is handed in', () => {
  const random = { getRandomValues: <T>(array: T): T => (array as Uint8Array).fill(0xff) as T };
  expect(newNonce(NOW, random)).toBe('1798761600._____________________w');
});

describe('is no nonce:', () => {
  const RANDOM = 'AAAAAAAAAAAAAAAAAAAAAA';
  test.each([
    ['nothing', ''],
    ['no time', `.${RANDOM}`],
    ['no random part', '1798761600.'],
    ['a time of nine digits', `179876160.${RANDOM}`],
    ['a time of eleven digits', `11798761600.${RANDOM}`],
    ['a time with a leading zero', `0798761600.${RANDOM}`],
    ['a negative time', `-798761600.${RANDOM}`],
    ['a time that is no integer', `17987616.0.${RANDOM}`],
    ['a time in hexadecimal', `0x98761600.${RANDOM}`],
    ['digits of another script', `１７９８７６１６００.${RANDOM}`],
    ['a random part that is too short', `1798761600.${RANDOM.slice(1)}`],
    ['a random part that is too long', `1798761600.${RANDOM}A`],
    ['a random part in base64', '1798761600.AAAAAAAAAAAAAAAAAAAAA+'],
    ['padding', `1798761600.${RANDOM}==`],
    ['a quoted one', `"1798761600.${RANDOM}"`],
    ['two', `1798761600.${RANDOM}, 1798761600.${RANDOM}`],
    ['a line end', `1798761600.${RANDOM}\n`],
    ['white space', ` 1798761600.${RANDOM}`],
  ])('%s', (_, value) => {
    expect(tryParseNonce(value)).toBeUndefined();
  });
});
