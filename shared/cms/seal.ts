/** Sealing content for one recipient: EnvelopedData (RFC 5652 6) or AuthEnvelopedData (RFC 5083). */

import type { ContentEncryption } from '../ciphers.ts';
import { encodedOid, ID_CT_AUTH_ENVELOPED_DATA, ID_DATA, ID_ENVELOPED_DATA } from '../der/oids.ts';
import {
  context,
  contextPrimitive,
  element,
  encodeAround,
  octetString,
  type Part,
  sequence,
  smallInteger,
} from '../der/write.ts';
import { generateEcdhKeyPair } from '../keys/ecdh.ts';
import type { Recipient } from '../keys/recipient.ts';
import { CONTENT_ALGORITHMS, encodeContentAlgorithm, webCryptoName } from './content-algorithm.ts';
import { type ContentKey, encryptContent } from './encrypt-content.ts';
import { agreeOnKey, encodeKeyAgreeRecipientInfo, type WrapKeyOctets } from './key-agreement.ts';
import { encodeKeyTransRecipientInfo } from './key-transport.ts';

const DATA = encodedOid(ID_DATA);
const ENVELOPED_DATA = encodedOid(ID_ENVELOPED_DATA);
const AUTH_ENVELOPED_DATA = encodedOid(ID_CT_AUTH_ENVELOPED_DATA);
const VERSION_0 = smallInteger(0);
const VERSION_2 = smallInteger(2);

/**
 * @param encryption AuthEnvelopedData for those that authenticate, EnvelopedData for CBC.
 * @returns DER of the ContentInfo in parts, to be written one after the other; the ciphertext is not copied.
 */
export async function seal(
  recipient: Recipient,
  encryption: ContentEncryption,
  content: Uint8Array<ArrayBuffer>,
): Promise<readonly Uint8Array[]> {
  const algorithm = CONTENT_ALGORITHMS[encryption];
  const random = crypto.getRandomValues(new Uint8Array(algorithm.keyOctets + algorithm.nonceOctets));
  const octets = random.subarray(0, algorithm.keyOctets);
  const nonce = random.subarray(algorithm.keyOctets);
  const isWrapped = recipient.algorithm === 'EC';
  const name = webCryptoName(algorithm);
  const cryptoKey = await crypto.subtle.importKey('raw', octets, name, isWrapped, ['encrypt']);
  const key = { octets, cryptoKey };
  const recipientInfo = await encryptKey(recipient, key, algorithm.keyOctets);
  const { ciphertext, tag } = await encryptContent(algorithm, key, nonce, content);

  const recipientInfos = element(0x31, recipientInfo);
  const encryptedContentInfo = sequence(
    DATA,
    ...encodeContentAlgorithm(algorithm, nonce),
    contextPrimitive(0, ciphertext),
  );
  const contentInfo =
    algorithm.tagOctets === 0
      ? sequence(ENVELOPED_DATA, context(0, sequence(VERSION_2, recipientInfos, encryptedContentInfo)))
      : sequence(
          AUTH_ENVELOPED_DATA,
          context(0, sequence(VERSION_0, recipientInfos, encryptedContentInfo, octetString(tag))),
        );
  return encodeAround(contentInfo, ciphertext);
}

async function encryptKey(
  recipient: Recipient,
  { octets, cryptoKey }: ContentKey,
  wrapKeyOctets: WrapKeyOctets,
): Promise<Part> {
  const { keyIdentifier } = recipient;
  if (recipient.algorithm === 'RSA') {
    const encrypted = await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, recipient.key, octets);
    return encodeKeyTransRecipientInfo(keyIdentifier, new Uint8Array(encrypted));
  }
  const { curve } = recipient;
  const ephemeral = await generateEcdhKeyPair(curve);
  const wrappingKey = await agreeOnKey(curve, ephemeral.privateKey, recipient.key, wrapKeyOctets, 'wrapKey');
  const [wrapped, point] = await Promise.all([
    crypto.subtle.wrapKey('raw', cryptoKey, wrappingKey, 'AES-KW'),
    crypto.subtle.exportKey('raw', ephemeral.publicKey) as Promise<ArrayBuffer>,
  ]);
  return encodeKeyAgreeRecipientInfo(
    curve,
    wrapKeyOctets,
    keyIdentifier,
    new Uint8Array(point),
    new Uint8Array(wrapped),
  );
}
