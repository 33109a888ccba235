import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Stopwatch } from '../../../../origin/decoys/stopwatch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('time in which others are waited for counts, from the first turn of the event loop on', () => {
  const watch = new Stopwatch();
  vi.advanceTimersByTime(0);
  vi.advanceTimersByTime(250);
  expect(watch.stop()).toBe(250);
});

test('time in which the process did other work first does not', () => {
  const watch = new Stopwatch();
  vi.setSystemTime(Date.now() + 40);
  vi.advanceTimersByTime(0);
  vi.advanceTimersByTime(250);
  expect(watch.stop()).toBe(250);
});

test('an application that waits for none takes no time, however long it computes', () => {
  const watch = new Stopwatch();
  vi.setSystemTime(Date.now() + 500);
  expect(watch.stop()).toBe(0);
});
