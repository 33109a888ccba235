/** A client that keeps its messages in sight: it makes a key and a CSR for it, opens what is sealed for it, and signs. */

import type { AccountKey } from '../../client/account.ts';
import { type DeviceKey, generateDeviceKey } from '../../client/device-key.ts';
import { open } from '../../shared/cms/open.ts';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';

export type DeviceKeyType = KeyType;

/** RFC 9421 6.2.2. */
const ALG_OF_KEY_TYPES: Readonly<Record<KeyType, string | undefined>> = {
  'P-256': 'ecdsa-p256-sha256',
  'P-384': 'ecdsa-p384-sha384',
  'P-521': undefined,
  'RSA-2048': 'rsa-v1_5-sha256',
  'RSA-3072': 'rsa-v1_5-sha256',
  'RSA-4096': 'rsa-v1_5-sha256',
};

const HASH_AND_CURVE: Readonly<Record<KeyType, readonly [hash: string, curve?: string]>> = {
  'P-256': ['SHA-256', 'P-256'],
  'P-384': ['SHA-384', 'P-384'],
  'P-521': ['SHA-512', 'P-521'],
  'RSA-2048': ['SHA-256'],
  'RSA-3072': ['SHA-256'],
  'RSA-4096': ['SHA-256'],
};

export class Device {
  /** Opens answers and signs requests. */
  readonly key: AccountKey;
  /** DER of the PrivateKeyInfo. */
  readonly #pkcs8: Uint8Array<ArrayBuffer>;
  readonly keyType: KeyType;
  /** DER of the CSR. */
  readonly csr: Uint8Array<ArrayBuffer>;
  /** base64url of the SubjectKeyIdentifier. */
  readonly keyid: string;

  private constructor(keyType: KeyType, { key, csr, pkcs8 }: DeviceKey) {
    this.key = key;
    this.#pkcs8 = pkcs8;
    this.keyType = keyType;
    this.csr = csr;
    this.keyid = Buffer.from(key.keyIdentifier).toString('base64url');
  }

  /** @param name the device's own description: common name of its CSR. */
  static async create(keyType: KeyType, name: string): Promise<Device> {
    return new Device(keyType, await generateDeviceKey(keyType, name, crypto.subtle));
  }

  /** The name of the algorithm by which the device signs HTTP messages; undefined where the registry has none. */
  get alg(): string | undefined {
    return ALG_OF_KEY_TYPES[this.keyType];
  }

  /** Signs as RFC 9421 3.3 has it. @param alg another one than the key's own: RSASSA-PSS. */
  async sign(base: string, alg?: 'rsa-pss-sha512'): Promise<Uint8Array> {
    const [hash, curve] = HASH_AND_CURVE[this.keyType];
    const [key, parameters] =
      curve !== undefined
        ? [
            { name: 'ECDSA', namedCurve: curve },
            { name: 'ECDSA', hash },
          ]
        : alg === undefined
          ? [{ name: 'RSASSA-PKCS1-v1_5', hash }, { name: 'RSASSA-PKCS1-v1_5' }]
          : [
              { name: 'RSA-PSS', hash: 'SHA-512' },
              { name: 'RSA-PSS', saltLength: 64 },
            ];
    const imported = await crypto.subtle.importKey('pkcs8', this.#pkcs8, key, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign(parameters, imported, new TextEncoder().encode(base)));
  }

  /**
   * @param message base64 or DER of a sealed answer.
   * @throws {OpenError} when it is not for this device.
   */
  async open(message: string | Uint8Array<ArrayBuffer>): Promise<string> {
    return parseUtf8(await this.openBytes(message));
  }

  /** Does what {@link open} does, for content that is no text. AES-CBC is opened too. */
  openBytes(message: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const der = typeof message === 'string' ? parseBase64(message) : message;
    return open(der, this.key, { allowUnauthenticated: true });
  }
}
