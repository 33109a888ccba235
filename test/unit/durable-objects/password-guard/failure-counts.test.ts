import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FailureCounts } from '../../../../durable-objects/password-guard/failure-counts.ts';

const START = Date.UTC(2027, 0, 1);
beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const createCounts = () => new FailureCounts({ limit: 3, windowSeconds: 60, capacity: 2 });

/** Counts as many failures of a key as are taken, and returns how many that were. */
function exhaust(counts: FailureCounts, key: string): number {
  let taken = 0;
  while (counts.charge(key).ok) taken++;
  return taken;
}

test('as many failures as the limit are counted, for each key by itself', () => {
  const counts = createCounts();
  expect(exhaust(counts, 'a')).toBe(3);
  expect(exhaust(counts, 'b')).toBe(3);
  expect(exhaust(counts, 'a')).toBe(0);
});

test('the seconds to wait are those to the end of the window, which began with the first failure', () => {
  const counts = createCounts();
  counts.charge('a');
  vi.setSystemTime(START + 20_500);
  exhaust(counts, 'a');
  expect(counts.charge('a')).toEqual({ ok: false, retryAfterSeconds: 40 });
  vi.setSystemTime(START + 59_999);
  expect(counts.charge('a')).toEqual({ ok: false, retryAfterSeconds: 1 });
  vi.setSystemTime(START + 60_000);
  expect(exhaust(counts, 'a')).toBe(3);
});

test('an attempt that is cancelled does not count, and takes nothing from the window after', () => {
  const counts = createCounts();
  const charges = [counts.charge('a'), counts.charge('a')];
  vi.setSystemTime(START + 60_000);
  expect(exhaust(counts, 'a')).toBe(3);
  for (const charge of charges) if (charge.ok) charge.cancel();
  expect(exhaust(counts, 'a')).toBe(0);
});

test('an attempt that is cancelled in time gives its place back', () => {
  const counts = createCounts();
  const first = counts.charge('a');
  expect(exhaust(counts, 'a')).toBe(2);
  if (first.ok) first.cancel();
  expect(exhaust(counts, 'a')).toBe(1);
});

test('beyond the capacity the window that began first goes', () => {
  const counts = createCounts();
  for (const key of ['a', 'b', 'c']) exhaust(counts, key);
  expect(counts.charge('c').ok).toBe(false);
  expect(counts.charge('b').ok).toBe(false);
  expect(counts.charge('a').ok).toBe(true);
});
