/** PEM, the textual encoding of RFC 7468. */

import { decodeBase64, encodeBase64Lines } from './base64.ts';

/** @returns one block with lines of 64 characters, ending in a newline. */
export function encodePem(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${encodeBase64Lines(der)}-----END ${label}-----\n`;
}

/**
 * The blocks of the text in their order. Text outside of blocks is passed over (RFC 7468 section 2).
 * @param label of the blocks that are wanted; others count as an error.
 * @throws {TypeError} when a block has another label, is cut off or is not base64.
 */
export function decodePemBlocks(label: string, text: string): Uint8Array<ArrayBuffer>[] {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  const begin = /^-----BEGIN ([^\r\n-]*)-----[ \t]*\r?$/gm;
  for (let opening = begin.exec(text); opening !== null; opening = begin.exec(text)) {
    if (opening[1] !== label) throw new TypeError(`a PEM block is not labelled ${label}`);
    const start = begin.lastIndex;
    const end = text.indexOf(`-----END ${label}-----`, start);
    if (end < 0) throw new TypeError('a PEM block has no end');
    blocks.push(decodeBase64(text.slice(start, end)));
    begin.lastIndex = end;
  }
  return blocks;
}
