/** The API that `--upstream` names. */

import { DevError } from './options.ts';

/** How long an API is waited for, in milliseconds. */
const PATIENCE_MS = 2000;

/** @throws {DevError} when it is not a URL that an API can be at. */
export function parseUpstream(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}${url.pathname}`) return url;
  const guess = URL.parse(`http://${text.replace(/^:/, 'localhost:').replace(/^(\d+)$/, 'localhost:$1')}`);
  const hint =
    url?.protocol.startsWith('http') || guess === null ? '' : `; did you mean ${guess.href.replace(/\/$/, '')}?`;
  throw new DevError(
    `--upstream must be a URL such as http://localhost:5005, without user, query and fragment, not ${text}${hint}`,
  );
}

/** @returns undefined when the API answers to GET, with any status; else why not. */
export async function faultOfUpstream(url: URL): Promise<string | undefined> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return undefined;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    return cause?.code ?? cause?.message ?? message;
  }
}
