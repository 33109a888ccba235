import { afterEach, expect, test, vi } from 'vitest';
import { type LogEvent, log, reasonOf } from '../../shared/log.ts';

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['log', { event: 'registered', owner: 'alice' }],
  ['log', { event: 'registration-refused', owner: 'line\nbreak', reason: 'csr-malformed' }],
  ['log', { event: 'catalogue-swept', removed: 3 }],
  ['warn', { event: 'identity-refused', method: 'bearer', reason: 'The token has expired, by its claim exp.' }],
  ['warn', { event: 'request-refused', reason: 'expired' }],
  ['error', { event: 'request-failed', reason: 'Error: a\r\nb' }],
  ['error', { event: 'catalogue-not-written', reason: 'TypeError: "quoted"' }],
] as const satisfies [string, LogEvent][])('console.%s gets one line of JSON for %o', (level, event) => {
  const printed: [level: string, ...args: unknown[]][] = [];
  const print =
    (name: string) =>
    (...args: unknown[]) =>
      printed.push([name, ...args]);
  vi.stubGlobal('console', { log: print('log'), warn: print('warn'), error: print('error') });
  log(event);
  expect(printed).toEqual([[level, expect.stringMatching(/^[^\r\n]+$/)]]);
  expect(JSON.parse(String(printed[0]?.[1]))).toEqual(event);
});

test('a reason is name and message of an error, and nothing of what else is thrown', () => {
  expect(reasonOf(new TypeError('what happened'))).toBe('TypeError: what happened');
  expect(reasonOf('a secret')).toBe('an error that is no Error');
  expect(reasonOf({ secret: 1 })).toBe('an error that is no Error');
});
