/** The features of one answer by which an adversary may tell. */

import { checkPoint } from '../observing/curve.ts';
import type { Observed } from '../observing/observed.ts';

/** Told by their shares. */
export const NAMES: Readonly<Record<string, (answer: Observed) => string>> = {
  head: ({ head }) => head,
  structure: ({ envelope }) => envelope?.structure ?? 'not sealed',
  'key-type': ({ envelope }) => envelope?.keyType ?? 'not sealed',
  point: ({ envelope }) => (envelope?.point === undefined ? 'none' : checkPoint(envelope.point)),
  'exact-lengths': ({ length, envelope }) => `${length}: ${envelope?.lengths.join(' ') ?? 'not sealed'}`,
};

/** Told by being larger or smaller. Undefined where an answer has none. */
export const FIGURES: Readonly<Record<string, (answer: Observed) => number | undefined>> = {
  length: ({ length }) => length,
  'cms-length': ({ envelope }) => envelope?.length,
  'content-length': ({ envelope }) => envelope?.contentLength,
  'wrapped-key-length': ({ envelope }) => envelope?.encryptedKey.length,
  'length-beyond-asked': ({ envelope, askedLength }) =>
    envelope === undefined || askedLength === undefined ? undefined : envelope.contentLength - askedLength,
  'rsa-top': ({ envelope }) => rsaTop(envelope),
};

export const TIMES: Readonly<Record<string, (answer: Observed) => number>> = {
  'first-byte-time': ({ firstByte }) => firstByte,
  time: ({ time }) => time,
};

/** First 16 bits of an RSA ciphertext, which stay below those of the modulus. */
export const rsaTop = (envelope: Observed['envelope']): number | undefined =>
  envelope === undefined || envelope.point !== undefined
    ? undefined
    : (envelope.encryptedKey[0] ?? 0) * 256 + (envelope.encryptedKey[1] ?? 0);
