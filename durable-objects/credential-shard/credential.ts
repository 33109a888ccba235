/** Credentials as callers of a shard give and get them. */

import type { Guid } from '../../shared/protocol/guid.ts';

/** The credentials to revoke; `before` is a time of registration in milliseconds since 1970. */
export type RevocationScope = { readonly guid: Guid } | { readonly owner: string } | { readonly before: number };

/** A credential when it is registered. */
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
}

/** A credential as administrators see it. */
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
  /** RFC 3339; null while it is valid. */
  readonly revokedAt: string | null;
}

/** The reason for which a credential that is there does not count. */
export type CredentialRefusal = 'revoked' | 'nonce-not-admitted';

/** A credential as validation finds it. */
export interface FoundCredential {
  /** The common part of its certificates, in DER. */
  readonly template: ArrayBuffer;
  /** Null when it is valid. */
  readonly refusal: CredentialRefusal | null;
}

/** Valid credentials that were drawn at random. */
export interface CredentialSample {
  /** Number of all credentials of the shard, revoked ones too. */
  readonly count: number;
  /** Of each one drawn; it can be there more than once. */
  readonly drawn: readonly { readonly keyType: string; readonly template: ArrayBuffer }[];
}
