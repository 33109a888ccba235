/** One exchange with the edge: a request goes out, and a sealed answer comes back and is opened. */

import { concat } from '../shared/bytes.ts';
import { open, type RecipientPrivateKey } from '../shared/cms/open.ts';
import { decodeBase64 } from '../shared/wire/base64.ts';
import { CaleError, type Refusal } from './errors.ts';

/** What the client needs of its surroundings; by default the platform's own. */
export interface Platform {
  readonly fetch: typeof fetch;
  readonly subtle: SubtleCrypto;
}

/** Octets of the longest answer that is opened, unless the application says another. */
export const DEFAULT_MAX_OCTETS = 64 * 1024 * 1024;

export const DER_TYPE = 'application/pkcs7-mime';
const BASE64_TYPE = 'application/x-pkcs7-mime';
const PROBLEM = /^urn:cale:problem:([a-z0-9-]+)$/;

/**
 * @returns the answer to a request, with a status of 200.
 * @throws {CaleError} `network`, `refused`, `not-sealed`; what an aborted signal throws.
 */
export async function send(platform: Platform, request: Request): Promise<Response> {
  let response: Response;
  try {
    // Never followed: header fields go along with a redirect, and the GUID is for the edge alone.
    response = await platform.fetch(request, { redirect: 'manual' });
  } catch (cause) {
    throw request.signal.aborted ? cause : new CaleError('network', { cause });
  }
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

/**
 * @returns the content of a sealed answer.
 * @throws {CaleError} `not-sealed`, `unreadable`, `network`; what an aborted signal throws.
 */
export async function openAnswer(
  { subtle }: Platform,
  response: Response,
  key: RecipientPrivateKey,
  maxOctets: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const [type = ''] = (response.headers.get('Content-Type') ?? '').toLowerCase().split(';');
  if (type !== DER_TYPE && type !== BASE64_TYPE) throw new CaleError('not-sealed');
  const body = await readUpTo(response, maxOctets, signal);
  try {
    return await open(type === DER_TYPE ? body : decodeBase64(new TextDecoder().decode(body)), key, subtle);
  } catch {
    throw new CaleError('unreadable');
  }
}

async function readUpTo(response: Response, most: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(response.headers.get('Content-Length') ?? 0) > most) throw new CaleError('unreadable');
  let octets: Uint8Array<ArrayBuffer> | undefined;
  try {
    octets = await readBody(response, most);
  } catch (cause) {
    throw signal?.aborted ? cause : new CaleError('network', { cause });
  }
  if (octets === undefined) throw new CaleError('unreadable');
  return octets;
}

/** @returns undefined when the body is longer than it may be; it is not read any further then. */
async function readBody(response: Response, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // React Native has no streams: there all of the answer comes at once.
  const reader = (response.body as Response['body'] | undefined)?.getReader();
  if (reader === undefined) {
    const octets = new Uint8Array(await response.arrayBuffer());
    return octets.length > most ? undefined : octets;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); part.value !== undefined; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (length > most) {
      await reader.cancel();
      return undefined;
    }
  }
  return concat(chunks);
}
