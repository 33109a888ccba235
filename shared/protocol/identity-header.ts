/** `CALE-Identity`: the identity that was proved to the edge, as a dictionary of RFC 9651. */

import {
  type Dictionary,
  DisplayString,
  type Parameters,
  parseDictionary,
  serializeDictionary,
} from 'structured-headers';
import { faultOfNewIdentity, type Identity } from './identity.ts';

/** @param identity a valid one. */
export function encodeIdentityHeader({ owner, organization, scopes }: Identity): string {
  const isAscii = /^[\x20-\x7e]*$/.test(owner);
  const none: Parameters = new Map();
  const members: Dictionary = new Map();
  members.set('cn', [isAscii ? owner : new DisplayString(owner), none]);
  members.set('dc', [organization, none]);
  members.set('ou', [scopes.map((scope) => [scope, none]), none]);
  return serializeDictionary(members);
}

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
