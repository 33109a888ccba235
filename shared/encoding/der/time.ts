/** Time of certificates (RFC 5280 4.1.2.5): UTCTime for 1950 to 2049, GeneralizedTime beyond, to the second, in UTC. */

import { DerError } from './error.ts';
import type { DerReader } from './reader.ts';
import { GENERALIZED_TIME, UTC_TIME } from './tag.ts';
import { element, type Part } from './writer.ts';

const UTC_TIME_LENGTH = 13;
const GENERALIZED_TIME_LENGTH = 15;
const ZULU = 0x5a;
const DIGIT_ZERO = 0x30;

/**
 * The next element of the reader, which must be a Time.
 * @returns milliseconds since 1970.
 * @throws {DerError} when it is none, or names no day or time that exists.
 */
export function parseTime(reader: DerReader): number {
  const { tag, content } = reader.next();
  const isUtcTime = tag === UTC_TIME;
  const length = isUtcTime ? UTC_TIME_LENGTH : GENERALIZED_TIME_LENGTH;
  if ((!isUtcTime && tag !== GENERALIZED_TIME) || content.length !== length || content[length - 1] !== ZULU) {
    throw new DerError('malformed time');
  }
  const pair = (at: number): number => {
    const tens = (content[at] ?? 0) - DIGIT_ZERO;
    const ones = (content[at + 1] ?? 0) - DIGIT_ZERO;
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) throw new DerError('malformed time');
    return tens * 10 + ones;
  };
  const at = length - UTC_TIME_LENGTH;
  const lastTwo = pair(at);
  const year = isUtcTime ? (lastTwo < 50 ? 2000 : 1900) + lastTwo : pair(0) * 100 + lastTwo;
  const [month, day] = [pair(at + 2), pair(at + 4)];
  const [hour, minute, second] = [pair(at + 6), pair(at + 8), pair(at + 10)];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(time);
  const rolledOver = date.getUTCDate() !== day || date.getUTCMonth() !== month - 1;
  if (rolledOver || hour > 23 || minute > 59 || second > 59) throw new DerError('no such time');
  return time;
}

/** @param milliseconds since 1970, from 1950 to 9999; cut to the second. */
export function encodeTime(milliseconds: number): Part {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  const isUtcTime = year < 2050;
  const numbers = [year % 100, date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes()];
  if (!isUtcTime) numbers.unshift(Math.floor(year / 100));
  numbers.push(date.getUTCSeconds());
  const content = new Uint8Array(2 * numbers.length + 1);
  numbers.forEach((number, at) => {
    content[2 * at] = DIGIT_ZERO + Math.floor(number / 10);
    content[2 * at + 1] = DIGIT_ZERO + (number % 10);
  });
  content[content.length - 1] = ZULU;
  return element(isUtcTime ? UTC_TIME : GENERALIZED_TIME, content);
}
