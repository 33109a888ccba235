/** The credentials of one owner, as callers of its object give and get them. */

import type { Guid } from '../../shared/protocol/guid.ts';

/** A credential on the list of its owner. Its row in a shard decides whether it is valid. */
export interface OwnerEntry {
  /** Names the credential to its owner: 16 characters of base64url. */
  readonly id: string;
  readonly guid: Guid;
  /** The same for registrations of one CSR with one identity. */
  readonly fingerprint: string;
  /** The credential that this one renews. */
  readonly supersedes: Guid | null;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
}

/** An entry as it is listed. */
export interface ListedEntry extends OwnerEntry {
  /** False once it is known to be revoked or ended, which cannot be undone. */
  readonly isLive: boolean;
}

/** The outcome of asking for a place on the list. */
export type Admission =
  /** The entry is on the list; those that it takes the place of count no more. */
  | { readonly outcome: 'admitted'; readonly replaced: readonly OwnerEntry[] }
  /** The same was registered minutes ago: the entry of that time. */
  | { readonly outcome: 'known'; readonly entry: OwnerEntry }
  /** As many as there may be count as live. */
  | { readonly outcome: 'full'; readonly live: readonly OwnerEntry[] };

/**
 * Time for which a registration may be under way: the same CSR gets the same GUID for so long, and an entry whose row is
 * not there counts.
 */
export const SETTLING_MS = 10 * 60 * 1000;
