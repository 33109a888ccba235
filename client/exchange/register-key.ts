/** Sending the CSR of a key, with a proof of identity. Loaded on demand. */

import { parseLatin1 } from '../../shared/encoding/latin1.ts';
import { REGISTRATION_PATH } from '../../shared/protocol/endpoints.ts';
import { tryParseGuid } from '../../shared/protocol/guid.ts';
import { isFieldValue } from '../../shared/protocol/headers.ts';
import { CMS_TYPE, CSR_TYPE } from '../../shared/protocol/media-types.ts';
import type { DeviceKey } from '../device-key.ts';
import { CaleError } from '../errors.ts';
import type { Authorization, Settings } from '../options.ts';
import { openResponse } from './open-response.ts';
import { send } from './send.ts';

/**
 * @returns the value of the Authorization header.
 * @throws {TypeError} without the value, when no header field can hold it.
 */
export async function proofOf(authorization: Authorization): Promise<string> {
  const proof = (typeof authorization === 'string' ? authorization : await authorization()).trim();
  // The platform's own error would quote it.
  if (!isFieldValue(proof))
    throw new TypeError('authorization holds a line end, or another character of no header field');
  return proof;
}

/** The header fields of a CSR, without a proof. */
export const CSR_FIELDS = { 'Content-Type': CSR_TYPE, Accept: CMS_TYPE } as const;

/**
 * @param headers with the proof of identity.
 * @returns the GUID that the edge answers with.
 * @throws {CaleError}
 */
export async function sendCsr(
  settings: Settings,
  { csr, key }: Pick<DeviceKey, 'csr' | 'key'>,
  headers: HeadersInit,
): Promise<string> {
  const request = new Request(settings.edge + REGISTRATION_PATH, { method: 'POST', headers, body: csr });
  const { content } = await openResponse(settings, await send(settings.platform, request), key);
  const guid = tryParseGuid(parseLatin1(content));
  if (guid === undefined) throw new CaleError('unreadable');
  return guid;
}
