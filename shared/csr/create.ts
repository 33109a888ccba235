/** Writing a CSR (RFC 2986). */

import { COMMON_NAME, encodedOid } from '../der/oids.ts';
import { bitString, context, element, encode, sequence, smallInteger, utf8String } from '../der/write.ts';
import { signatureSchemeOf } from '../keys/signature-scheme.ts';

const VERSION_0 = smallInteger(0);
const CN = encodedOid(COMMON_NAME);

/**
 * @param keyPair of the kind that signs: ECDSA P-256, P-384 or P-521, or RSASSA-PKCS1-v1_5 with SHA-256.
 * @param device the subject's common name: what the client says about itself. Empty for an empty subject.
 * @param subtle the WebCrypto that the keys are of.
 * @returns DER of the CertificationRequest.
 */
export async function createCsr(
  keyPair: CryptoKeyPair,
  device: string,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<Uint8Array<ArrayBuffer>> {
  const spki = new Uint8Array((await subtle.exportKey('spki', keyPair.publicKey)) as ArrayBuffer);
  const signing = signatureSchemeOf(spki);
  if (signing === undefined) throw new TypeError('the key is of no accepted type');
  const { scheme } = signing;
  const name = device === '' ? sequence() : sequence(element(0x31, sequence(CN, utf8String(device))));
  const info = encode(sequence(VERSION_0, name, spki, context(0)));
  const signature = new Uint8Array(await subtle.sign(scheme.keyAlgorithm, keyPair.privateKey, info));
  return encode(sequence(info, scheme.algorithmIdentifier, bitString(scheme.toDer(signature))));
}
