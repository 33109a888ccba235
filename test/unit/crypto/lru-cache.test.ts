import { expect, test } from 'vitest';
import { LruCache } from '../../../shared/crypto/lru-cache.ts';

const key = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

test('a value is found by the bytes of its key, and by no others', () => {
  const cache = new LruCache<string>(10);
  cache.set(key(0xff, 0x00), 'a');
  expect(cache.get(key(0xff, 0x00))).toBe('a');
  for (const other of [key(0xff), key(0xff, 0x00, 0x00), key(0xff, 0x01), key()]) {
    expect(cache.get(other)).toBeUndefined();
  }
  cache.set(key(0xff, 0x00), 'b');
  expect(cache.get(key(0xff, 0x00))).toBe('b');
});

test('every byte counts in a key', () => {
  const cache = new LruCache<number>(256);
  for (let byte = 0; byte < 256; byte++) cache.set(key(byte), byte);
  for (let byte = 0; byte < 256; byte++) expect(cache.get(key(byte))).toBe(byte);
});

test('at its capacity the value that was longest not used makes room', () => {
  const cache = new LruCache<string>(3);
  for (const [byte, value] of ['a', 'b', 'c'].entries()) cache.set(key(byte), value);
  // Got or set again, a value is used.
  cache.get(key(0));
  cache.set(key(1), 'B');
  cache.set(key(3), 'd');
  expect([0, 1, 2, 3].map((byte) => cache.get(key(byte)))).toEqual(['a', 'B', undefined, 'd']);
  // The order is now 0, 1, 3: what was asked for in vain has changed nothing.
  cache.set(key(4), 'e');
  expect([0, 1, 3, 4].map((byte) => cache.get(key(byte)))).toEqual([undefined, 'B', 'd', 'e']);
});

test('a capacity of one keeps the last value', () => {
  const cache = new LruCache<string>(1);
  cache.set(key(1), 'a');
  cache.set(key(2), 'b');
  expect([cache.get(key(1)), cache.get(key(2))]).toEqual([undefined, 'b']);
});
