/** A client that keeps its messages in sight: it makes a key and a CSR for it, and opens what is sealed for it. */

import { generateDeviceKey, type KeyType } from '../client/device-key.ts';
import { fromUtf8 } from '../shared/bytes.ts';
import { open, type RecipientPrivateKey } from '../shared/cms/open.ts';
import { decodeBase64 } from '../shared/wire/base64.ts';

export type DeviceKeyType = KeyType;

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
    const { key, csr, pkcs8 } = await generateDeviceKey(keyType, name, crypto.subtle);
    pkcs8.fill(0);
    return new Device(key, csr);
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
