/**
 * Drawing from a set by weighted rendezvous hashing: a seed draws the same value each time, and when the set changes,
 * another value for no more seeds than have to.
 */

import { utf8 } from '../encoding/bytes.ts';

/** A value that JSON can hold, and how often it was there. */
export interface Weighted<T> {
  readonly value: T;
  readonly weight: number;
  /** 32 bits that are the value's own. */
  readonly hash: number;
}

/** Gathers equal values. */
export function weigh<T>(values: readonly T[]): Weighted<T>[] {
  const gathered = new Map<string, { value: T; weight: number }>();
  for (const value of values) {
    const name = JSON.stringify(value);
    gathered.set(name, { value, weight: (gathered.get(name)?.weight ?? 0) + 1 });
  }
  return [...gathered].map(([name, { value, weight }]) => ({ value, weight, hash: hashOf(name) }));
}

/**
 * @param choices at least one.
 * @param seed random 32 bits.
 */
export function drawWeighted<T>(choices: readonly Weighted<T>[], seed: number): T {
  let best: { readonly value: T; readonly score: number } | undefined;
  for (const { value, weight, hash } of choices) {
    // The least of exponential random numbers is that of a choice with a probability as its rate is.
    const score = -Math.log(fractionOf(seed ^ hash)) / weight;
    if (best === undefined || score < best.score) best = { value, score };
  }
  if (best === undefined) throw new TypeError('nothing to draw from');
  return best.value;
}

/** FNV-1a, 32 bits. */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/** The finaliser of MurmurHash3, in which each bit of the input changes half of the output. @returns within ]0, 1[. */
function fractionOf(bits: number): number {
  let mixed = bits;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
