/** Base64 (RFC 4648 section 4), by the platform's own codec where it has one (not before Node 25). */

interface NativeCodec {
  toBase64?: (this: Uint8Array) => string;
}

interface NativeCodecConstructor {
  fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const OCTETS_PER_CALL = 0x8000;

export function encodeBase64(bytes: Uint8Array): string {
  const native = (bytes as NativeCodec).toBase64;
  if (native !== undefined) return native.call(bytes);
  let binary = '';
  for (let at = 0; at < bytes.length; at += OCTETS_PER_CALL) {
    binary += String.fromCharCode(...bytes.subarray(at, at + OCTETS_PER_CALL));
  }
  return btoa(binary);
}

/** In lines of 64 characters, each ending in a newline (RFC 7468; draft B.1.3). */
export function encodeBase64Lines(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/.{1,64}/g, '$&\n');
}

/**
 * @param text white space is allowed anywhere.
 * @throws {TypeError} when it is not base64.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const compact = text.replace(/[ \t\r\n]+/g, '');
  if (compact.length % 4 !== 0 || !BASE64.test(compact)) throw new TypeError('not base64');
  const native = (Uint8Array as NativeCodecConstructor).fromBase64;
  if (native !== undefined) return native.call(Uint8Array, compact);
  return Uint8Array.from(atob(compact), (character) => character.charCodeAt(0));
}
