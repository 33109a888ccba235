/** Opening the sealed answer of the edge. */

import { type Opened, openMessage } from '../../shared/cms/open.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { isPlatformError } from '../../shared/encoding/error.ts';
import { parseLatin1 } from '../../shared/encoding/latin1.ts';
import { CMS_BASE64_TYPE, CMS_TYPE, mediaTypeOf } from '../../shared/protocol/media-types.ts';
import { readBody } from '../../shared/protocol/read-body.ts';
import type { AccountKey } from '../account.ts';
import { CaleError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { notSealed } from './send.ts';

interface OpenResponseOptions {
  readonly signal?: AbortSignal;
  /** True where the signature in the content is verified. */
  readonly allowUnauthenticated?: boolean;
}

/**
 * @returns the content of a sealed answer.
 * @throws {CaleError} `not-sealed`, `too-large`, `unreadable`, `network`; what an aborted signal throws; what the platform
 *   throws when it lacks something.
 */
export async function openResponse(
  { platform, maxOctets }: Pick<Settings, 'platform' | 'maxOctets'>,
  response: Response,
  key: AccountKey,
  { signal, allowUnauthenticated = false }: OpenResponseOptions = {},
): Promise<Opened> {
  const type = mediaTypeOf(response.headers.get('Content-Type'));
  if (type !== CMS_TYPE && type !== CMS_BASE64_TYPE) throw notSealed(response);
  const body = await readSealed(response, maxOctets, signal);
  try {
    const message = type === CMS_TYPE ? body : parseBase64(parseLatin1(body));
    return await openMessage(message, key, { subtle: platform.subtle, allowUnauthenticated });
  } catch (error) {
    throw isPlatformError(error) ? error : new CaleError('unreadable');
  }
}

async function readSealed(
  response: Response,
  max: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(response.headers.get('Content-Length') ?? 0) > max) throw new CaleError('too-large');
  const body = await readBody(response, max).catch((cause: unknown) => {
    throw signal?.aborted ? cause : new CaleError('network', { cause, message: 'The connection to the edge broke.' });
  });
  if (body === undefined) throw new CaleError('too-large');
  return body;
}
