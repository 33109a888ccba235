import { expect } from 'vitest';
import type { ask } from './harness.ts';

type Answer = Awaited<ReturnType<typeof ask>>;

/** The one answer where nothing can be said, to every GUID and to no GUID. */
export async function expectUnavailable(answer: Answer): Promise<void> {
  expect(answer.status).toBe(503);
  expect(answer.headers.get('Retry-After')).toBe('5');
  expect(answer.headers.get('Cache-Control')).toBe('no-store, no-transform');
  expect(await answer.json()).toEqual({
    type: 'urn:cale:problem:unavailable',
    title: 'The service is not available at the moment.',
    status: 503,
    requestId: expect.any(String),
  });
}
