/** An answer as it is seen from outside, without any key. */

export interface Answer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array<ArrayBuffer>;
  /** Microseconds from the request to the first byte of the answer, and to its end. */
  readonly firstByte: number;
  readonly time: number;
}

/** Header fields whose values are random, or are told by another feature. */
const MASKED: ReadonlySet<string> = new Set(['date', 'content-length']);

/** @returns the status and all header fields in one line. */
export function headOf({ status, rawHeaders }: Pick<Answer, 'status' | 'rawHeaders'>): string {
  let line = String(status);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    line += ` | ${name}: ${MASKED.has(name.toLowerCase()) ? '…' : value}`;
  }
  return line;
}
