/** ISO 8859-1: one character a byte, as Fetch shows field values. By the platform's codecs, which read long texts at once. */

import { EncodingError } from './error.ts';

/** Below these lengths a loop costs less than a call of the platform. */
const SHORT_BYTES = 24;
const SHORT_CHARACTERS = 64;

/** Arguments of one call, which the stack has to hold. */
const CHARACTERS_PER_CALL = 0x2000;

/** Codecs as the platform has them, made on demand: some get them after this module was loaded, or have no such one. */
let decoder: TextDecoder | 'none' | undefined;
let encoder: TextEncoder | undefined;

/** @returns one character a byte. */
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
    encoder ??= new TextEncoder();
    const read = (encoder as Encoder).encodeInto?.(text, out.subarray(at, at + text.length)).read;
    if (read === text.length) return;
  }
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index);
}

/** @param text of characters below 256. @returns one byte a character. */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(text.length);
  writeLatin1(text, out, 0);
  return out;
}

/** A TextEncoder as it can be: those that stand in for a platform's do not write into memory that is there. */
type Encoder = Partial<Pick<TextEncoder, 'encodeInto'>>;

function parseEach(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHARACTERS_PER_CALL) {
    const part = bytes.subarray(at, at + CHARACTERS_PER_CALL) as unknown as number[];
    text += String.fromCharCode.apply(null, part);
  }
  return text;
}

function tryCreateDecoder(): TextDecoder | 'none' {
  try {
    return new TextDecoder('latin1');
  } catch {
    return 'none';
  }
}
