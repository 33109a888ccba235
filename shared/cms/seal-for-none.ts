import type { ContentEncryptionName } from './content-encryption.ts';
import type { Recipient, SubstituteKey } from './recipients/recipient-type.ts';
import { seal } from './seal.ts';

const randomKey: SubstituteKey = ({ length }) => crypto.getRandomValues(new Uint8Array(length));

/**
 * As `seal`, at the same cost, and so that no party can open the message, not even the recipient: the content key cannot be
 * unwrapped. Without the recipient's key the message cannot be told from one of `seal`.
 * @returns DER of the ContentInfo in parts.
 */
export const sealForNone = (
  recipient: Recipient,
  name: ContentEncryptionName,
  content: Uint8Array<ArrayBuffer>,
): Promise<readonly Uint8Array[]> => seal(recipient, name, content, crypto, randomKey);
