/** URLs as people type them. */

import { isLoopback } from '../../shared/protocol/loopback.ts';
import { UsageError } from './usage-error.ts';

const WITH_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * @param text a URL; without a scheme it is one of http on loopback, and else of https.
 * @throws {UsageError} when it is none of http or https, or has a user and a password, which are not repeated.
 */
export function parseUrl(text: string): URL {
  const url = WITH_SCHEME.test(text) ? tryParse(text) : withGuessedScheme(text);
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(`${text.replace(/[^/@]*@/, '')} is no URL of http or https.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('A user and a password do not belong into the URL: cale register takes --basic USER.');
  }
  return url;
}

function withGuessedScheme(text: string): URL | undefined {
  const plain = tryParse(`http://${text}`);
  return plain && isLoopback(plain) ? plain : tryParse(`https://${text}`);
}

function tryParse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** The origin of the edge that a URL is of. @throws {UsageError} as {@link parseUrl}. */
export const edgeOf = (text: string): string => parseUrl(text).origin;

/**
 * As {@link edgeOf}, of a URL that a password or a token is sent to.
 * @throws {UsageError} also when they could be read on the way: http is for this machine only.
 */
export function edgeForSecrets(text: string): string {
  const url = parseUrl(text);
  if (url.protocol === 'https:' || isLoopback(url)) return url.origin;
  throw new UsageError(`A password or a token goes out by https only: https://${url.host}`);
}
