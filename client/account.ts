/** What a registration leaves with the client. */

import type { RecipientPrivateKey } from '../shared/cms/open.ts';

/** An account with one edge, but for its key. */
export interface AccountInfo {
  /** Origin of the edge, such as `https://api.example.com`. */
  readonly edge: string;
  /** Tells accounts with one edge apart; chosen by the application. */
  readonly name: string;
  readonly guid: string;
  /** The authority's certificates in PEM, as they were when the account was registered. */
  readonly authorities: string;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
}

export interface Account extends AccountInfo {
  /** Opens answers. The CryptoKey in it cannot be exported. */
  readonly key: RecipientPrivateKey;
}

/** Which account: its edge's origin and its name. */
export type AccountId = Pick<AccountInfo, 'edge' | 'name'>;

/** Where accounts are kept. Whatever keeps them keeps the key unreadable for others. */
export interface KeyStore {
  /**
   * Called before an account is registered, so that there is no credential yet to lose.
   * @throws {CaleError} `storage` when accounts cannot be kept.
   */
  ready(): Promise<void>;
  /**
   * Keeps the account, in place of one of the same edge and name.
   * @param pkcs8 the key once more, as PKCS#8, for stores that cannot keep a CryptoKey; overwritten after the call.
   * @throws {CaleError} `storage`.
   */
  put(account: Account, pkcs8: Uint8Array<ArrayBuffer>): Promise<void>;
  /** @throws {CaleError} `storage`; `passphrase` where there is one and it is wrong. */
  get(id: AccountId): Promise<Account | undefined>;
  /** All accounts, in no particular order. @throws {CaleError} `storage`. */
  list(): Promise<AccountInfo[]>;
  /** Does nothing when there is no such account. @throws {CaleError} `storage`. */
  delete(id: AccountId): Promise<void>;
}

/** One string for each account; an origin has no space in it. */
export const accountKey = ({ edge, name }: AccountId): string => `${edge} ${name}`;
