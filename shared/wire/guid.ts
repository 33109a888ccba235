/** GUIDs of credentials (RFC 4122): random ones, in lower case. */

declare const brand: unique symbol;
/** A GUID in its one form. */
export type Guid = string & { readonly [brand]: 'Guid' };

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @returns a GUID that nobody has: 122 random bits (RFC 4122 4.4). */
export const newGuid = (): Guid => crypto.randomUUID() as Guid;

/** @returns the GUID that the text is, in either case (RFC 4122 3), or undefined. */
export function parseGuid(text: string): Guid | undefined {
  const guid = text.toLowerCase();
  return GUID.test(guid) ? (guid as Guid) : undefined;
}
