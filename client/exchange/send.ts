/** Sending a request to the edge, and telling its answers apart. */

import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { CaleError, type Refusal } from '../errors.ts';
import type { EdgeClock } from './clock.ts';

/** The part of WebCrypto that the client uses. */
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
 * @returns the answer to a request, with a status of 200, or 204, which is never a sealed one.
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
    throw request.signal?.aborted ? cause : networkError(request.url, cause);
  }
  clock?.observe(response.headers);
  if (response.status === 200 || response.status === 204) return response;
  // A redirect that was not followed has the status 0 in a browser.
  if (response.status < 400) throw notSealed(response);
  throw new CaleError('refused', { refusal: await refusalOf(response) });
}

/** @param cause the platform's error. Browsers do not say that CORS was the reason: it is a TypeError like others. */
export function networkError(url: string, cause: unknown): CaleError {
  const { origin } = new URL(url);
  const page = (globalThis as { readonly location?: { readonly origin: string } }).location?.origin;
  const isOtherOrigin = cause instanceof TypeError && page !== undefined && page !== origin;
  const orNotLetIn = isOtherOrigin ? `, or does not let pages of ${page} in: its setting ALLOWED_ORIGINS` : '';
  return new CaleError('network', { cause, message: `The edge ${origin} cannot be reached${orNotLetIn}.` });
}

export function notSealed({ status, headers }: Response): CaleError {
  const found = status === 200 ? headers.get('Content-Type') : status || 'a redirect';
  return new CaleError('not-sealed', { message: `The answer is not a sealed one (${found}): is this URL an edge's?` });
}

/** The member `credentials` of a refusal, where its problem has a list that can be read. */
async function credentialsOf({
  credentials,
}: Readonly<Record<string, unknown>>): Promise<Pick<Refusal, 'credentials'>> {
  const { tryParseCredentials } = await import('./parse-credentials.ts');
  const list = tryParseCredentials(credentials);
  return list === undefined ? {} : { credentials: list };
}

/** @param response a problem, or any other refusal. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const body = tryParseJsonObject(await response.text().catch(() => '')) ?? {};
  const text = (name: string): string | undefined => {
    const value = body[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [, problem] = PROBLEM.exec(text('type') ?? '') ?? [];
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return {
    status: response.status,
    problem,
    title: text('title'),
    detail: text('detail'),
    retryAfter: Number.isNaN(retryAfter) ? undefined : retryAfter,
    ...(problem === 'too-many-credentials' && (await credentialsOf(body))),
  };
}
