/** `CALE-Identity`: the identity that was proved to the edge, as a dictionary of RFC 9651. */

import { DisplayString, parseDictionary } from 'structured-headers';
import { faultOfNewIdentity, type Identity } from './identity.ts';

/** @param identity a valid one. */
export function encodeIdentityHeader({ owner, organization, scopes }: Identity): string {
  const isAscii = /^[\x20-\x7e]*$/.test(owner);
  const cn = isAscii ? encodeString(owner) : encodeDisplayString(owner);
  return `cn=${cn}, dc=${encodeString(organization)}, ou=(${scopes.map(encodeString).join(' ')})`;
}

/** A string (RFC 9651 4.1.6). @param text of printable ASCII. */
const encodeString = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** A display string (RFC 9651 4.1.11), which has characters of any script. */
const encodeDisplayString = (text: string): string =>
  `%"${Array.from(new TextEncoder().encode(text), (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x25
      ? `%${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  ).join('')}"`;

/** @returns the identity, or undefined when the value does not say one that can be registered. */
export function tryParseIdentityHeader(value: string): Identity | undefined {
  try {
    const dictionary = parseDictionary(value);
    const owner = dictionary.get('cn')?.[0];
    const organization = dictionary.get('dc')?.[0];
    const scopes = dictionary.get('ou')?.[0];
    const identity = {
      owner: owner instanceof DisplayString ? owner.toString() : owner,
      organization,
      scopes: Array.isArray(scopes) ? scopes.map(([scope]) => scope) : undefined,
    };
    return isIdentity(identity) && faultOfNewIdentity(identity) === undefined ? identity : undefined;
  } catch {
    return undefined;
  }
}

function isIdentity(value: { owner: unknown; organization: unknown; scopes: unknown }): value is Identity {
  const { owner, organization, scopes } = value;
  return (
    typeof owner === 'string' &&
    typeof organization === 'string' &&
    Array.isArray(scopes) &&
    scopes.every((scope) => typeof scope === 'string')
  );
}
