/** The identity of a resource owner, as proved to the edge (draft 4.1) and as certificates say it (draft 4.2). */

import { EncodingError } from '../encoding/error.ts';

export interface Identity {
  /** The resource owner: CN. */
  readonly owner: string;
  /** Domain name of the organisation of the servers: DC. */
  readonly organization: string;
  /** The rights of the owner: one OU each. */
  readonly scopes: readonly string[];
}

/** Upper bound of commonName and organizationalUnitName (RFC 5280 appendix A.1), in characters. */
export const MAX_NAME_LENGTH = 64;
export const MAX_SCOPES = 32;
/** Characters of all scopes and of the organisation: the catalogue keeps them in 1,024 bytes of metadata. */
export const MAX_SCOPES_LENGTH = 400;
const MAX_ORGANIZATION_LENGTH = 100;

const CONTROLS = /[\x00-\x1f\x7f]/;
/** C1, Bidi_Control (UAX #9), and the separators of lines and paragraphs: an owner that has them can look like another. */
const DECEPTIVE = /[\x80-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
/** With the flag `u`, which takes a pair as one character. String.isWellFormed is not in every browser. */
const LONE_SURROGATE = /[\ud800-\udfff]/u;
/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** RFC 1035 2.3.1, lower case. */
const DOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

const isDomain = (text: string): boolean => text.length <= MAX_ORGANIZATION_LENGTH && DOMAIN.test(text);
/**
 * @returns the domain of an organisation.
 * @throws {EncodingError} when it is no domain name in lower case, or has more than 100 characters.
 */
export function parseOrganization(text: string): string {
  if (!isDomain(text)) throw new EncodingError('it is not a domain name in lower case of at most 100 characters');
  return text;
}

export const isScope = (text: string): boolean => text.length <= MAX_NAME_LENGTH && SCOPE.test(text);

/** The rule that an identity breaks which a certificate cannot carry. */
export type IdentityFault =
  | 'owner-length'
  | 'owner-characters'
  | 'owner-normalization'
  | 'organization'
  | 'scope-count'
  | 'scope-length'
  | 'scope-characters';

/** @returns the rule that the identity breaks; undefined when a certificate can carry it. */
export function faultOfIdentity({ owner, organization, scopes }: Identity): IdentityFault | undefined {
  const length = [...owner].length;
  if (length < 1 || length > MAX_NAME_LENGTH) return 'owner-length';
  if (CONTROLS.test(owner) || LONE_SURROGATE.test(owner)) return 'owner-characters';
  if (!isDomain(organization)) return 'organization';
  if (scopes.length > MAX_SCOPES) return 'scope-count';
  if (scopes.join(' ').length > MAX_SCOPES_LENGTH) return 'scope-length';
  return scopes.every(isScope) ? undefined : 'scope-characters';
}

/**
 * The rules of a registration, which are stricter than those of certificates: identities that were registered before them
 * stay valid. Of UsernameCasePreserved (RFC 8265 3.4) they take that there are no controls and that the owner is in NFC,
 * and map nothing, because an owner is the name that its issuer gave.
 * @returns the rule that the identity breaks; undefined when it can be registered.
 */
export function faultOfNewIdentity(identity: Identity): IdentityFault | undefined {
  const { owner } = identity;
  const fault = faultOfIdentity(identity);
  if (fault !== undefined) return fault;
  if (DECEPTIVE.test(owner)) return 'owner-characters';
  return owner === owner.normalize('NFC') ? undefined : 'owner-normalization';
}

/** True when a certificate can carry the identity: an owner of 1 to 64 characters, at most 32 scopes of 400 in all. */
export const isValidIdentity = (identity: Identity): boolean => faultOfIdentity(identity) === undefined;
