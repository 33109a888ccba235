import { type ContentEncryptionName, contentEncryptionOf } from './content-encryption.ts';
import type { Recipient } from './recipients/recipient-type.ts';
import { seal } from './seal.ts';

/**
 * As `seal`, but so that no party can open the message, not even the recipient: the key that is wrapped is not that of the
 * content. Without the recipient's key the message cannot be told from one of `seal`.
 * @returns DER of the ContentInfo in parts.
 */
export function sealForNone(
  recipient: Recipient,
  name: ContentEncryptionName,
  content: Uint8Array<ArrayBuffer>,
): Promise<readonly Uint8Array[]> {
  const { cipher, keyBytes } = contentEncryptionOf(name);
  const wrapAnother: Recipient['type']['wrap'] = async (_recipient, _contentKey, subtle) => {
    const bytes = crypto.getRandomValues(new Uint8Array(keyBytes));
    const cryptoKey = await subtle.importKey('raw', bytes, cipher.keyAlgorithm, true, ['encrypt']);
    return recipient.type.wrap(recipient, { bytes, cryptoKey }, subtle);
  };
  return seal({ ...recipient, type: { ...recipient.type, wrap: wrapAnother } }, name, content);
}
