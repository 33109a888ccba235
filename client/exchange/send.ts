/** Sending a request to the edge, and telling its answers apart. */

import { CaleError, type Refusal } from '../errors.ts';
import type { EdgeClock } from './clock.ts';

export type WebCrypto = Pick<Crypto, 'subtle' | 'getRandomValues'>;

/** The parts of its surroundings that the client uses; by default the platform's own. */
export interface Platform {
  readonly fetch: typeof fetch;
  readonly crypto: WebCrypto;
  /** That of `crypto`. */
  readonly subtle: SubtleCrypto;
  readonly clock: EdgeClock;
}

const PROBLEM = /^urn:cale:problem:([a-z0-9-]+)$/;

/**
 * @returns the answer to a request, with a status of 200.
 * @throws {CaleError} `network`, `refused`, `not-sealed`; what an aborted signal throws.
 */
export async function send(
  { fetch, clock }: Pick<Platform, 'fetch'> & Partial<Pick<Platform, 'clock'>>,
  request: Request,
): Promise<Response> {
  let response: Response;
  try {
    // Never followed, because header fields go along with a redirect, and the GUID is only for the edge.
    response = await fetch(request, { redirect: 'manual' });
  } catch (cause) {
    throw request.signal.aborted ? cause : new CaleError('network', { cause });
  }
  clock?.observe(response.headers);
  if (response.status === 200) return response;
  // A redirect that was not followed has the status 0 in a browser.
  if (response.status < 400) throw new CaleError('not-sealed');
  throw new CaleError('refused', { refusal: await refusalOf(response) });
}

async function refusalOf(response: Response): Promise<Refusal> {
  const type = await response.json().then(
    (body) => (body as { type?: unknown } | null)?.type,
    () => undefined,
  );
  const [, problem] = PROBLEM.exec(typeof type === 'string' ? type : '') ?? [];
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return { status: response.status, problem, retryAfter: Number.isNaN(retryAfter) ? undefined : retryAfter };
}
