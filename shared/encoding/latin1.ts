/** ISO 8859-1: one character a byte, as Fetch shows field values. By the platform's codecs, which read long texts at once. */

import { EncodingError } from './error.ts';

/** Below these lengths a loop costs less than a call of the platform. */
const SHORT_BYTES = 24;
const SHORT_CHARACTERS = 64;

const UTF8_ENCODER = new TextEncoder();
/** Decoders by what the platform has: some have only that of UTF-8. */
let decoder: TextDecoder | 'none' | undefined;

export function parseLatin1(bytes: Uint8Array): string {
  if (bytes.length < SHORT_BYTES) return parseEach(bytes);
  decoder ??= tryCreateDecoder();
  if (decoder === 'none') return parseEach(bytes);
  const text = decoder.decode(bytes);
  // The Encoding standard takes "latin1" for windows-1252, whose 0x80 to 0x9f are mostly characters beyond one byte.
  return isLatin1(text) ? text : parseEach(bytes);
}

export const isLatin1 = (text: string): boolean => !/[^\x00-\xff]/.test(text);

/**
 * Writes a text into `out`.
 * @param text of characters below 256.
 * @throws {EncodingError} when `out` has less room than the text has characters.
 */
export function writeLatin1(text: string, out: Uint8Array, at: number): void {
  if (text.length > out.length - at) throw new EncodingError('no room for the text');
  if (text.length >= SHORT_CHARACTERS) {
    // ASCII is the same in UTF-8. Of other texts some characters do not fit, and all are written once more below.
    const { read } = UTF8_ENCODER.encodeInto(text, out.subarray(at, at + text.length));
    if (read === text.length) return;
  }
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index);
}

function parseEach(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function tryCreateDecoder(): TextDecoder | 'none' {
  try {
    return new TextDecoder('latin1');
  } catch {
    return 'none';
  }
}
