/** Base64 (RFC 4648 section 4), by the platform's own codec where it has one (Node has one from version 25 on). */

import { EncodingError } from './error.ts';

interface NativeCodec {
  toBase64?: (this: Uint8Array) => string;
}

interface NativeCodecConstructor {
  fromBase64?: (text: string, options: { lastChunkHandling: 'strict' }) => Uint8Array<ArrayBuffer>;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BYTES_PER_CALL = 0x8000;
const LINE_LENGTH = 64;
const NEWLINE = 0x0a;

export function encodeBase64(bytes: Uint8Array): string {
  const native = (bytes as NativeCodec).toBase64;
  if (native !== undefined) return native.call(bytes);
  let binary = '';
  for (let at = 0; at < bytes.length; at += BYTES_PER_CALL) {
    binary += String.fromCharCode(...bytes.subarray(at, at + BYTES_PER_CALL));
  }
  return btoa(binary);
}

/** Without padding, in the alphabet that is safe in URLs (RFC 4648 section 5). */
export const encodeBase64Url = (bytes: Uint8Array): string =>
  encodeBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

/** In lines of 64 characters, each ending in a newline (RFC 7468; draft B.1.3). */
export function encodeBase64Lines(bytes: Uint8Array): string {
  const text = encodeBase64(bytes);
  let lines = '';
  for (let at = 0; at < text.length; at += LINE_LENGTH) lines += `${text.slice(at, at + LINE_LENGTH)}\n`;
  return lines;
}

/**
 * Does what {@link encodeBase64Lines} does, and gives ASCII. For large texts: as a string of many small ones, and as the
 * platform's copy of that, they fill a Worker's memory faster than its collector looks.
 */
export function encodeBase64LinesAsBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = encodeBase64(bytes);
  const lines = Math.ceil(text.length / LINE_LENGTH);
  const out = new Uint8Array(text.length + lines);
  new TextEncoder().encodeInto(text, out);
  // From the last line on, each goes to its place behind those before it, which are still where they were.
  for (let line = lines - 1; line >= 0; line--) {
    const start = line * LINE_LENGTH;
    const end = Math.min(start + LINE_LENGTH, text.length);
    out.copyWithin(start + line, start, end);
    out[end + line] = NEWLINE;
  }
  return out;
}

/**
 * @param text white space is allowed anywhere.
 * @throws {EncodingError} when it is not base64.
 */
export function parseBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as NativeCodecConstructor).fromBase64;
  if (native !== undefined) {
    try {
      return native.call(Uint8Array, text, { lastChunkHandling: 'strict' });
    } catch {
      throw new EncodingError('not base64');
    }
  }
  const compact = text.replace(/[ \t\r\n]+/g, '');
  if (compact.length % 4 !== 0 || !BASE64.test(compact)) throw new EncodingError('not base64');
  const binary = atob(compact);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
