/** The number of the shard that a credential is in. */

import { utf8 } from '../../../shared/encoding/bytes.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';

/**
 * `hash`: a keyed hash of the GUID, so that those who make up GUIDs cannot aim at one shard. `prefix`: its first 32 bits,
 * as in deployments from before there was a choice.
 */
export const PLACEMENTS = ['hash', 'prefix'] as const;
export type PlacementName = (typeof PLACEMENTS)[number];

/** @throws {EncodingError} when there is none of that name. */
export function parsePlacement(name: string): PlacementName {
  const found = PLACEMENTS.find((each) => each === name);
  if (found === undefined) throw new EncodingError(`it is not one of: ${PLACEMENTS.join(', ')}`);
  return found;
}

/** @returns 32 bits for a GUID, the same each time. */
export type Placement = (guid: Guid) => Promise<number>;

/** @param loadKey gives 32 bytes that are the same for ever. */
export const createPlacement = (name: PlacementName, loadKey: () => Promise<ArrayBuffer>): Placement =>
  name === 'prefix' ? placeByPrefix : createHashPlacement(loadKey);

const placeByPrefix: Placement = async (guid) => Number.parseInt(guid.slice(0, 8), 16);

/** HMAC. The key is asked for once an isolate, and again after a failure. */
function createHashPlacement(loadKey: () => Promise<ArrayBuffer>): Placement {
  let key: CryptoKey | undefined;
  return async (guid) => {
    key ??= await crypto.subtle.importKey('raw', await loadKey(), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const hash = await crypto.subtle.sign('HMAC', key, utf8(guid));
    return new DataView(hash).getUint32(0);
  };
}
