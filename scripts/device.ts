/** A client's key: it makes one and a CSR for it, and opens what is sealed for it. */

import { fromUtf8 } from '../shared/bytes.ts';
import { open, type RecipientPrivateKey } from '../shared/cms/open.ts';
import { createCsr } from '../shared/csr/create.ts';
import { type Curve, keyIdentifier, readPublicKey } from '../shared/keys/public-key.ts';
import { decodeBase64 } from '../shared/wire/base64.ts';

export type DeviceKeyType = Curve | 'RSA-2048' | 'RSA-3072';

type Usage = 'signing' | 'opening';

/** A WebCrypto key serves one algorithm: the pair signs the CSR under one and opens answers under the other. */
function algorithmFor(keyType: DeviceKeyType, usage: Usage) {
  if (keyType === 'RSA-2048' || keyType === 'RSA-3072') {
    const name = usage === 'signing' ? 'RSASSA-PKCS1-v1_5' : 'RSA-OAEP';
    const modulusLength = Number(keyType.slice(4));
    return { name, hash: 'SHA-256', modulusLength, publicExponent: Uint8Array.of(1, 0, 1) };
  }
  return { name: usage === 'signing' ? 'ECDSA' : 'ECDH', namedCurve: keyType };
}

export class Device {
  readonly #key: RecipientPrivateKey;
  /** DER of the CSR. */
  readonly csr: Uint8Array<ArrayBuffer>;

  private constructor(key: RecipientPrivateKey, csr: Uint8Array<ArrayBuffer>) {
    this.#key = key;
    this.csr = csr;
  }

  /** @param name what the device calls itself: the subject of its CSR. */
  static async create(keyType: DeviceKeyType, name: string): Promise<Device> {
    const pair = (await crypto.subtle.generateKey(algorithmFor(keyType, 'signing'), true, [
      'sign',
      'verify',
    ])) as CryptoKeyPair;
    const csr = await createCsr(pair, name);
    const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
    const publicKey = readPublicKey(spki);
    if (publicKey === undefined) throw new TypeError('the key is of no accepted type');
    const pkcs8 = (await crypto.subtle.exportKey('pkcs8', pair.privateKey)) as ArrayBuffer;
    const usage = publicKey.algorithm === 'RSA' ? 'decrypt' : 'deriveBits';
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithmFor(keyType, 'opening'), false, [usage]);
    new Uint8Array(pkcs8).fill(0);
    const identifier = await keyIdentifier(publicKey.bits);
    return new Device(
      publicKey.algorithm === 'RSA'
        ? { algorithm: 'RSA', key, keyIdentifier: identifier }
        : { algorithm: 'EC', curve: publicKey.curve, key, keyIdentifier: identifier },
      csr,
    );
  }

  /**
   * @param message base64 or DER of a sealed answer.
   * @throws {OpenError} when it is not for this device.
   */
  async open(message: string | Uint8Array<ArrayBuffer>): Promise<string> {
    return fromUtf8(await this.openBytes(message));
  }

  /** As {@link open}, for content that is no text. */
  openBytes(message: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return open(typeof message === 'string' ? decodeBase64(message) : message, this.#key);
  }
}
