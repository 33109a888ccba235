/** The web origins whose pages may ask the edge, as `ALLOWED_ORIGINS` names them. */

import { isLoopback } from '../../shared/protocol/loopback.ts';

/** Stands for every origin. */
const ANY_ORIGIN = '*';
/** Stands for every port: `http://localhost:*`. */
const ANY_PORT = ':*';

/**
 * True for `*`, for an origin such as `https://app.example.com`, and for a loopback host on every port, such as
 * `http://localhost:*`. Other hosts need their port, because who has one port of them need not have the others.
 */
export function isOriginSetting(text: string): boolean {
  if (text === ANY_ORIGIN) return true;
  const isForAnyPort = text.endsWith(ANY_PORT);
  const origin = isForAnyPort ? text.slice(0, -ANY_PORT.length) : text;
  // A URL may have a star in its host, and a setting that has one there would match nothing.
  if (origin.includes('*') || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && (!isForAnyPort || (url.port === '' && isLoopback(url)));
}

/** @param origin value of the `Origin` field of a request. */
export function isAllowedOrigin(allowed: ReadonlySet<string>, origin: string): boolean {
  if (allowed.has(ANY_ORIGIN) || allowed.has(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return allowed.has(`${protocol}//${hostname}${ANY_PORT}`);
}
