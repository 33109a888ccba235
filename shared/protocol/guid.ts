/** GUIDs of credentials (RFC 4122): random ones, in lower case. */

import { hex, utf8 } from '../encoding/bytes.ts';

declare const brand: unique symbol;
/** A GUID in its one form. */
export type Guid = string & { readonly [brand]: 'Guid' };

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @returns a GUID of 122 random bits (RFC 4122 4.4), which no other credential has. */
export const newGuid = (): Guid => crypto.randomUUID() as Guid;

/** @returns the GUID that the text is, in either case (RFC 4122 3), or undefined. */
export function tryParseGuid(text: string): Guid | undefined {
  const guid = text.toLowerCase();
  return GUID.test(guid) ? (guid as Guid) : undefined;
}

const HEX_DIGITS = /^(.{8})(.{4})(.{4})(.{4})(.{12})/;

/**
 * The GUID that a client says. A malformed one becomes an unknown one, made of its digest, so that every party treats
 * both alike and hears of GUIDs only.
 */
export async function claimedGuid(text: string): Promise<Guid> {
  const guid = tryParseGuid(text);
  if (guid !== undefined) return guid;
  const digest = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))));
  return (HEX_DIGITS.exec(digest) ?? []).slice(1).join('-') as Guid;
}
