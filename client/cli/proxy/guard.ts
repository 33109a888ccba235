/** Who may ask a view on loopback: programs that have its token. Pages of other origins, and names that lead here, may not. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const TOKEN_BYTES = 32;

/** @returns a new token: 43 characters that every header field, shell and configuration takes as they are. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');

export interface Refused {
  readonly status: 401 | 403;
  readonly title: string;
}

export class Guard {
  readonly #authorities: readonly string[];
  readonly #digest: Buffer;

  constructor(port: number, token: string) {
    const hosts = ['127.0.0.1', 'localhost'];
    this.#authorities = hosts.flatMap((host) => (port === 80 ? [host, `${host}:${port}`] : [`${host}:${port}`]));
    this.#digest = digestOf(token);
  }

  /** @returns the reason for which a request is not answered; undefined when it is. */
  refusalOf({ headers }: Pick<IncomingMessage, 'headers'>): Refused | undefined {
    const { host = '', origin, authorization = '' } = headers;
    // A name of others that leads to this address (DNS rebinding) would make their page one of this origin.
    if (!this.#authorities.includes(host.toLowerCase())) {
      return { status: 403, title: `Only ${this.#authorities.join(' and ')} are answered, by the field Host.` };
    }
    const site = headers['sec-fetch-site'] ?? 'none';
    const isOfThisOrigin = origin === undefined || this.#authorities.some((each) => origin === `http://${each}`);
    // A browser that was told the token would send it for other pages too.
    if (!isOfThisOrigin || (site !== 'none' && site !== 'same-origin')) {
      return { status: 403, title: 'Pages of other origins are not answered.' };
    }
    return this.#isToken(authorization)
      ? undefined
      : { status: 401, title: 'The token is missing: Authorization: Bearer TOKEN, or the password of Basic.' };
  }

  /** In constant time, because digests have one length. */
  #isToken(authorization: string): boolean {
    const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(authorization) ?? [];
    return timingSafeEqual(digestOf(tokenIn(scheme, credentials)), this.#digest);
  }
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The token itself, or the password of any user. */
function tokenIn(scheme: string, credentials: string): string {
  if (scheme.toLowerCase() !== 'basic') return credentials;
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
