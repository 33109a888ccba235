/** Bytes as vectors have them, and ways to alter them. */

import { encodeBase64, encodeBase64Lines, parseBase64 } from '../../../shared/encoding/base64.ts';
import { concat, equal } from '../../../shared/encoding/bytes.ts';
import { CMS_BASE64_TYPE, CMS_TYPE } from '../../../shared/protocol/media-types.ts';
import type { SealedBody } from './schema.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

const typeOf = (media: string, isAuthenticated: boolean): string =>
  `${media}; smime-type=${isAuthenticated ? 'authEnveloped-data' : 'enveloped-data'}; name="smime.p7m"`;

/** A sealed answer as HTTP carries it: base64 in lines, or DER. */
export const sealedBody = (der: Uint8Array, isAuthenticated = true, binary = false): SealedBody => ({
  contentType: typeOf(binary ? CMS_TYPE : CMS_BASE64_TYPE, isAuthenticated),
  binary,
  body: binary ? encodeBase64(der) : encodeBase64Lines(der),
});

/** DER of a sealed answer of either form. */
export const derOf = ({ body }: Pick<SealedBody, 'body'>): Bytes => parseBase64(body);

/** @returns the bytes with one bit of one of them changed. @param at from the end where it is negative. */
export function flip(bytes: Uint8Array, at: number, bit = 1): Bytes {
  const altered = Uint8Array.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  altered[index] = (altered[index] ?? 0) ^ bit;
  return altered;
}

/** @returns where `part` begins in `bytes`. @throws {RangeError} when it is not there just once. */
export function placeOf(bytes: Uint8Array, part: Uint8Array): number {
  const places: number[] = [];
  for (let at = 0; at + part.length <= bytes.length; at++) {
    if (equal(bytes.subarray(at, at + part.length), part)) places.push(at);
  }
  const [place] = places;
  if (place === undefined || places.length > 1) throw new RangeError(`the part is there ${places.length} times`);
  return place;
}

/** @returns the bytes with another part of the same length in place of one. */
export function replace(bytes: Uint8Array, part: Uint8Array, by: Uint8Array): Bytes {
  const at = placeOf(bytes, part);
  return concat([bytes.subarray(0, at), by, bytes.subarray(at + part.length)]);
}

/** Element of id-data (RFC 5652 4), which the content encryption's algorithm follows. */
export const ID_DATA = Uint8Array.from([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]);

/** @returns where the nonce begins: it is in the first OCTET STRING of its length behind id-data. */
export function nonceOf(der: Uint8Array, length: 12 | 16): number {
  const start = placeOf(der, ID_DATA);
  const at = der.findIndex((byte, index) => index > start && byte === 0x04 && der[index + 1] === length);
  return at + 2;
}
