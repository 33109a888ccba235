/** Sealing content for one recipient: EnvelopedData (RFC 5652 6) or AuthEnvelopedData (RFC 5083). */

import { encodeAround } from '../encoding/der/writer.ts';
import { type ContentEncryptionName, contentEncryptionOf } from './content-encryption.ts';
import { encodeEnvelopedMessage } from './enveloped-data.ts';
import type { Recipient, SubstituteKey } from './recipients/recipient-type.ts';

/**
 * @param name of the content encryption: AEADs give AuthEnvelopedData, CBC gives EnvelopedData.
 * @param webCrypto the one that the recipient's key is of.
 * @param substitute by which no party can open it.
 * @returns DER of the ContentInfo in parts, to be written one after the other; the ciphertext is not copied.
 */
export async function seal(
  recipient: Recipient,
  name: ContentEncryptionName,
  content: Uint8Array<ArrayBuffer>,
  webCrypto: Pick<Crypto, 'subtle' | 'getRandomValues'> = crypto,
  substitute?: SubstituteKey,
): Promise<readonly Uint8Array[]> {
  const encryption = contentEncryptionOf(name);
  const { cipher, keyBytes, nonceBytes } = encryption;
  const { subtle } = webCrypto;
  const random = webCrypto.getRandomValues(new Uint8Array(keyBytes + nonceBytes));
  const bytes = random.subarray(0, keyBytes);
  const nonce = random.subarray(keyBytes);
  // Extractable, because a key is wrapped by exporting it. No other code sees it, and it is dropped with this call.
  const cryptoKey = await subtle.importKey('raw', bytes, cipher.keyAlgorithm, true, ['encrypt']);
  const contentKey = { bytes, cryptoKey };
  const recipientInfo = await recipient.type.wrap(recipient, contentKey, subtle, substitute);
  const encrypted = await cipher.encrypt(contentKey, nonce, content, subtle);
  const contentInfo = encodeEnvelopedMessage(encryption, recipientInfo, nonce, encrypted);
  return encodeAround(contentInfo, encrypted.ciphertext);
}
