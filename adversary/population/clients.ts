/** Clients that are registered by the route for it, as real ones are. */

import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { Device } from '../../test/support/device.ts';
import { inTurns } from './in-turns.ts';

export interface Client {
  readonly device: Device;
  readonly guid: string;
}

const AT_ONCE = 8;
const DEVICES = ['phone', 'laptop', 'tablet of the office'];

/**
 * @param keyTypes one for each client.
 * @param authorizations of the owners, who take turns.
 */
export async function registerClients(
  url: URL,
  keyTypes: readonly KeyType[],
  authorizations: readonly string[],
): Promise<Client[]> {
  const clients: Client[] = [];
  await inTurns(AT_ONCE, [...keyTypes.entries()], async ([at, keyType]) => {
    // Neither owner nor device depends on the type of the key.
    const device = await Device.create(keyType, DEVICES[Math.floor(at / authorizations.length) % DEVICES.length] ?? '');
    const response = await fetch(new URL('/registration', url), {
      method: 'POST',
      headers: {
        Authorization: authorizations[at % authorizations.length] ?? '',
        'Content-Type': 'application/pkcs10',
      },
      body: device.csr,
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`a registration was answered with ${response.status}: ${text}`);
    clients.push({ device, guid: await device.open(text) });
  });
  return clients;
}
