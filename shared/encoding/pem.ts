/** PEM, the textual encoding of RFC 7468. */

import { encodeBase64Lines, parseBase64 } from './base64.ts';
import { EncodingError } from './error.ts';

/** The text is not PEM, or holds other blocks than were asked for. */
export class PemError extends EncodingError {
  override name = 'PemError';
}

/** @returns one block with lines of 64 characters, ending in a newline. */
export function encodePem(label: string, der: Uint8Array): string {
  return `-----BEGIN ${label}-----\n${encodeBase64Lines(der)}-----END ${label}-----\n`;
}

/**
 * The blocks of the text in their order. Text outside of blocks is ignored (RFC 7468 section 2), as is a byte order mark,
 * which files of Windows begin with.
 * @param label of the blocks that are wanted; others count as an error.
 * @returns DER of each block.
 * @throws {PemError} when a block has another label, is cut off, is not base64, or does not begin on a line of its own.
 */
export function parsePem(label: string, text: string): Uint8Array<ArrayBuffer>[] {
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  const begin = /-----BEGIN ([^\r\n-]*)-----[ \t]*/g;
  for (let opening = begin.exec(text); opening !== null; opening = begin.exec(text)) {
    if (opening[1] !== label) throw new PemError(`a PEM block is not labelled ${label}`);
    const start = begin.lastIndex;
    if (!isLineStart(text, opening.index) || !isLineEnd(text, start)) {
      throw new PemError('a PEM block does not begin on a line of its own');
    }
    const end = text.indexOf(`-----END ${label}-----`, start);
    if (end < 0) throw new PemError('a PEM block has no end');
    blocks.push(parseBlock(text.slice(start, end)));
    begin.lastIndex = end;
  }
  return blocks;
}

const isLineStart = (text: string, at: number): boolean =>
  at === 0 || /[\r\n]/.test(text.charAt(at - 1)) || (at === 1 && text.startsWith('\ufeff'));
const isLineEnd = (text: string, at: number): boolean => at === text.length || /[\r\n]/.test(text.charAt(at));

function parseBlock(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return parseBase64(base64);
  } catch {
    throw new PemError('a PEM block is not base64');
  }
}
