/** Sealing content for one recipient: EnvelopedData (RFC 5652 6) or AuthEnvelopedData (RFC 5083). */

import type { ContentKey } from '../crypto/content-cipher.ts';
import { encodeAround } from '../encoding/der/writer.ts';
import { type ContentEncryption, type ContentEncryptionName, contentEncryptionOf } from './content-encryption.ts';
import { encodeEnvelopedMessage } from './enveloped-data.ts';
import type { Recipient } from './recipients/recipient-type.ts';

type Randomness = Pick<Crypto, 'subtle' | 'getRandomValues'>;

/**
 * @param name of the content encryption: AEADs give AuthEnvelopedData, CBC gives EnvelopedData.
 * @param webCrypto the one that the recipient's key is of.
 * @returns DER of the ContentInfo in parts, to be written one after the other; the ciphertext is not copied.
 */
export async function seal(
  recipient: Recipient,
  name: ContentEncryptionName,
  content: Uint8Array<ArrayBuffer>,
  webCrypto: Randomness = crypto,
): Promise<readonly Uint8Array[]> {
  const encryption = contentEncryptionOf(name);
  const contentKey = await createContentKey(encryption, webCrypto);
  return sealWith(recipient, encryption, { content, contentKey, wrappedKey: contentKey }, webCrypto);
}

/**
 * As {@link seal}, but so that no party can open the message, not even the recipient: the key that is wrapped is not
 * that of the content. Without the recipient's key the message cannot be told from one of `seal`.
 */
export async function sealForNone(
  recipient: Recipient,
  name: ContentEncryptionName,
  content: Uint8Array<ArrayBuffer>,
): Promise<readonly Uint8Array[]> {
  const encryption = contentEncryptionOf(name);
  const contentKey = await createContentKey(encryption, crypto);
  const wrappedKey = await createContentKey(encryption, crypto);
  return sealWith(recipient, encryption, { content, contentKey, wrappedKey }, crypto);
}

async function createContentKey({ cipher, keyBytes }: ContentEncryption, webCrypto: Randomness): Promise<ContentKey> {
  const bytes = webCrypto.getRandomValues(new Uint8Array(keyBytes));
  // Extractable, because a key is wrapped by exporting it. No other code sees it, and it is dropped with its message.
  const cryptoKey = await webCrypto.subtle.importKey('raw', bytes, cipher.keyAlgorithm, true, ['encrypt']);
  return { bytes, cryptoKey };
}

interface Sealed {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly contentKey: ContentKey;
  /** The key that the recipient gets. */
  readonly wrappedKey: ContentKey;
}

async function sealWith(
  recipient: Recipient,
  encryption: ContentEncryption,
  { content, contentKey, wrappedKey }: Sealed,
  webCrypto: Randomness,
): Promise<readonly Uint8Array[]> {
  const { subtle } = webCrypto;
  const nonce = webCrypto.getRandomValues(new Uint8Array(encryption.nonceBytes));
  const recipientInfo = await recipient.type.wrap(recipient, wrappedKey, subtle);
  const encrypted = await encryption.cipher.encrypt(contentKey, nonce, content, subtle);
  const contentInfo = encodeEnvelopedMessage(encryption, recipientInfo, nonce, encrypted);
  return encodeAround(contentInfo, encrypted.ciphertext);
}
