/** Bytes as they are, for people: in hex, and beside it the characters that they would be. */

const PRINTABLE = { from: 0x20, to: 0x7e };
const MOST_BYTES_A_ROW = 16;
/** Characters of a row: a gap in the middle, and for each byte two of hex, a space, and the byte as a character. */
const ROW = { gap: 1, byte: 4 };
/** Size of the type that bytes are set in, and the width of its characters, by the size of the page's type. */
const BYTES_SIZE = 0.75;
const CHARACTER_WIDTH = 0.61;

/** @returns the number of bytes that fit into a row of this element's width: a multiple of four. */
export function bytesInRow(element: HTMLElement): number {
  const { fontSize } = getComputedStyle(document.documentElement);
  const characters = element.clientWidth / (Number.parseFloat(fontSize) * BYTES_SIZE * CHARACTER_WIDTH);
  const bytes = Math.floor((characters - ROW.gap) / ROW.byte / 4) * 4;
  return Math.min(Math.max(bytes, 4), MOST_BYTES_A_ROW);
}

/** @returns one line a row. */
export function dump(bytes: Uint8Array, inRow: number): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += inRow) {
    const row = [...bytes.subarray(at, at + inRow)];
    const inHex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    rows.push(`${inHex.padEnd(inRow * 3)} ${row.map(characterOf).join('')}`);
  }
  return rows.join('\n');
}

const characterOf = (byte: number): string =>
  byte >= PRINTABLE.from && byte <= PRINTABLE.to ? String.fromCharCode(byte) : '·';
