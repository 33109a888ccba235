/** Small helpers on byte strings that the platform does not have. */

import { EncodingError } from './error.ts';
import { parseLatin1 } from './latin1.ts';

/** Made on demand, because a platform can get a TextEncoder after this module was loaded. */
let encoder: TextEncoder | undefined;

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= new TextEncoder();
  return encoder.encode(text) as Uint8Array<ArrayBuffer>;
}

/**
 * Strictly, and without a TextDecoder: React Native has one that cannot be strict, or none.
 * @throws {EncodingError} when the bytes are not UTF-8.
 */
export function parseUtf8(bytes: Uint8Array): string {
  const text = parseLatin1(bytes);
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  try {
    return decodeURIComponent(hex(bytes).replace(/../g, '%$&'));
  } catch {
    throw new EncodingError('not UTF-8');
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (parts.length === 1 && only?.buffer instanceof ArrayBuffer) return only as Uint8Array<ArrayBuffer>;
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Compares public values. Secrets go through a comparison in constant time. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function hex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += byte.toString(16).padStart(2, '0');
  return out;
}
