/** Credentials as callers of a shard give and get them. */

import type { Guid } from '../../shared/protocol/guid.ts';

/**
 * The conditions that credentials are listed or revoked by; all that are given have to hold. Times are milliseconds since
 * 1970.
 */
export interface CredentialQuery {
  readonly owner?: string;
  /** The CSR's subject as RFC 4514 writes it, the whole of it. */
  readonly device?: string;
  /** Registered before this time. */
  readonly before?: number;
  /** Not used since this time; one that was never used counts by its registration. */
  readonly unusedSince?: number;
}

/**
 * The credentials to revoke. With `supersedes`, the one of that GUID only as long as it renews that other one and was not
 * used yet, so far as its row says.
 */
export type RevocationScope = { readonly guid: Guid; readonly supersedes?: Guid } | CredentialQuery;

/** A credential when it is registered, or put back. */
export interface NewCredential {
  readonly guid: Guid;
  readonly owner: string;
  readonly organization: string;
  readonly scopes: readonly string[];
  readonly device: string;
  readonly keyType: string;
  readonly csrSha256: string;
  readonly catalogueKey: string;
  /** The common part of its certificates, in DER. */
  readonly template: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** Milliseconds since 1970; null or left out: it never ends. */
  readonly endsAt?: number | null;
  /** The credential that this one renews. */
  readonly supersedes?: Guid | null;
  /** True when the object of its owner knows it. */
  readonly isOwned?: boolean;
  /** Milliseconds since 1970; null or left out: it is not revoked. */
  readonly revokedAt?: number | null;
  /** Start of the day in UTC, in milliseconds since 1970; null or left out: it is not known to be used. */
  readonly lastUsedAt?: number | null;
}

/** The state of a credential as the catalogue in KV has it. */
export interface CatalogueState {
  readonly guid: Guid;
  /** `pending` from before its row is written until after. */
  readonly state: 'pending' | 'valid' | 'revoked';
  /** Milliseconds since 1970; null unless it is revoked. */
  readonly revokedAt: number | null;
}

/**
 * The outcome of comparing an entry of the catalogue with its row: there is no row; the revocation of the entry was applied
 * to the row; both say the same; the entry is behind, and KV is told soon.
 */
export type Reconciled = 'missing' | 'revoked' | 'same' | 'behind';

/** The numbers of credentials that were put back, and of rows that a revocation was applied to. */
export interface PutBack {
  readonly added: number;
  readonly revoked: number;
  /** Those that cannot be put in, because another GUID has the number of their row. */
  readonly refused: readonly Guid[];
}

/** A credential as it is listed. */
export interface CredentialSummary {
  readonly guid: Guid;
  readonly owner: string;
  readonly organization: string;
  readonly scopes: readonly string[];
  readonly device: string;
  readonly keyType: string;
  readonly csrSha256: string;
  /** RFC 3339. */
  readonly registeredAt: string;
  /** RFC 3339; null when it never ends. */
  readonly endsAt: string | null;
  /** Day in UTC, `2026-11-26`; null when it was not used yet. */
  readonly lastUsedOn: string | null;
  /** RFC 3339; null while it is valid. */
  readonly revokedAt: string | null;
}

/** The reason for which a credential that is there does not count. */
export type CredentialRefusal = 'revoked' | 'ended' | 'nonce-not-admitted';

/** A credential as validation finds it. */
export interface FoundCredential {
  /** The common part of its certificates, in DER. */
  readonly template: ArrayBuffer;
  /** Null when it is valid. */
  readonly refusal: CredentialRefusal | null;
  /** The credential that is to be revoked now that this one is used; there only when there is one. */
  readonly supersedes?: Guid;
}

/** The owner of a credential, with what the owner's object has to know of it. */
export interface CredentialOwner {
  readonly guid: Guid;
  readonly owner: string;
  readonly organization: string;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** True when the object of the owner knows the credential. */
  readonly isOwned: boolean;
  /** The credential that this one renews, where it is known. */
  readonly supersedes?: Guid | null;
}

/** The result of a look-up. */
export interface LookUp {
  /** Null when the GUID is unknown. */
  readonly found: FoundCredential | null;
  /**
   * For an unknown GUID the template of another credential, to be thrown away: what is read and handed over then takes as
   * long as for a known one. Null for a known GUID, and when the shard is empty.
   */
  readonly filler: ArrayBuffer | null;
}

/** A credential with its owner. */
export interface FoundOwner {
  /** Null when the GUID is unknown. */
  readonly found: FoundCredential | null;
  /**
   * The owner; for an unknown GUID that of the credential whose row is the next one, so that the same can be read for both.
   * Null when the shard is empty.
   */
  readonly owner: CredentialOwner | null;
}

/** A credential as a shard finds it from which rows move to another one. */
export interface MovingOwner extends FoundOwner {
  /** True when the nonce was admitted here before, also for a credential whose row has moved since. */
  readonly isNonceUsed: boolean;
}

/** Work on credentials that a request left, or that a version from before there was such work did. */
export interface Unsettled {
  /** Credentials that the objects of their owners do not know. */
  readonly notOwned: readonly CredentialOwner[];
  /** Credentials that were used, while those that they renew may still be valid. */
  readonly superseding: readonly { readonly guid: Guid; readonly supersedes: Guid }[];
}

/** Valid credentials that were drawn at random. */
export interface CredentialSample {
  /** Number of all credentials of the shard, also of those that are not valid. */
  readonly count: number;
  /** Of each one drawn; it can be there more than once. */
  readonly drawn: readonly { readonly keyType: string; readonly template: ArrayBuffer }[];
}
