import { describe, expect, test } from 'vitest';
import { CURVE_NAMES } from '../../../../shared/crypto/keys/ec.ts';
import { isOnCurve } from '../../../../shared/crypto/keys/on-curve.ts';

describe.each(CURVE_NAMES)('%s', (namedCurve) => {
  const newPoint = async (): Promise<Uint8Array> => {
    const pair = (await crypto.subtle.generateKey({ name: 'ECDH', namedCurve }, true, ['deriveBits'])) as CryptoKeyPair;
    return new Uint8Array((await crypto.subtle.exportKey('raw', pair.publicKey)) as ArrayBuffer);
  };

  test('a public key is a point of the curve', async () => {
    for (let at = 0; at < 20; at++) expect(isOnCurve(namedCurve, await newPoint())).toBe(true);
  });

  test('one with any bit changed is none, and neither are zeros, or a coordinate beyond the prime', async () => {
    const point = await newPoint();
    for (let bit = 8; bit < point.length * 8; bit += 7) {
      const changed = point.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isOnCurve(namedCurve, changed)).toBe(false);
    }
    expect(
      isOnCurve(
        namedCurve,
        point.map((byte, at) => (at === 0 ? byte : 0)),
      ),
    ).toBe(false);
    expect(
      isOnCurve(
        namedCurve,
        point.map((byte, at) => (at === 0 ? byte : 0xff)),
      ),
    ).toBe(false);
  });
});
