import { encodeBase64Url } from '../../../shared/encoding/base64.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';

const ID_BYTES = 12;

/**
 * @returns the name of a credential to its owner, always the same: 16 characters of base64url. There is no way back from it
 *   to the GUID, which has 122 random bits.
 */
export async function deriveCredentialId(guid: Guid): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(`cale credential id ${guid}`));
  return encodeBase64Url(new Uint8Array(digest).subarray(0, ID_BYTES));
}
