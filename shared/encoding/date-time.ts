import { EncodingError } from './error.ts';

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * @param text a date and time of RFC 3339, such as `2027-01-31T12:00:00Z`.
 * @returns milliseconds since 1970.
 * @throws {EncodingError} when it is none, or names no day or time that exists.
 */
export function parseDateTime(text: string): number {
  const time = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new EncodingError('not a date and time of RFC 3339');
  return time;
}
