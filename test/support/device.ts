/** A client that keeps its messages in sight: it makes a key and a CSR for it, and opens what is sealed for it. */

import { generateDeviceKey } from '../../client/device-key.ts';
import { open } from '../../shared/cms/open.ts';
import type { RecipientPrivateKey } from '../../shared/cms/recipients/recipient-type.ts';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';

export type DeviceKeyType = KeyType;

export class Device {
  readonly #key: RecipientPrivateKey;
  /** DER of the CSR. */
  readonly csr: Uint8Array<ArrayBuffer>;

  private constructor(key: RecipientPrivateKey, csr: Uint8Array<ArrayBuffer>) {
    this.#key = key;
    this.csr = csr;
  }

  /** @param name the device's own description: common name of its CSR. */
  static async create(keyType: KeyType, name: string): Promise<Device> {
    const { key, csr, pkcs8 } = await generateDeviceKey(keyType, name, crypto.subtle);
    pkcs8.fill(0);
    return new Device(key, csr);
  }

  /**
   * @param message base64 or DER of a sealed answer.
   * @throws {OpenError} when it is not for this device.
   */
  async open(message: string | Uint8Array<ArrayBuffer>): Promise<string> {
    return parseUtf8(await this.openBytes(message));
  }

  /** Does what {@link open} does, for content that is no text. */
  openBytes(message: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return open(typeof message === 'string' ? parseBase64(message) : message, this.#key);
  }
}
