/** Accounts: the outcome of a registration, which the client keeps. */

/** An account with one edge, without its key. */
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

/** The private key of an account. */
export interface AccountKey {
  /** SubjectKeyIdentifier of the public key. */
  readonly keyIdentifier: Uint8Array;
  /** Opens answers: for RSA-OAEP with SHA-256 and the usage `decrypt`, or for ECDH and `deriveBits`. Not exportable. */
  readonly key: CryptoKey;
}

export interface Account extends AccountInfo {
  readonly key: AccountKey;
}

/** Names an account: its edge's origin and its name. */
export type AccountId = Pick<AccountInfo, 'edge' | 'name'>;

/** Keeps accounts, and their keys unreadable for others. */
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
  put(account: Account, pkcs8: Uint8Array): Promise<void>;
  /** @throws {CaleError} `storage`; `passphrase` where there is one and it is wrong. */
  get(id: AccountId): Promise<Account | undefined>;
  /** All accounts, in no particular order. @throws {CaleError} `storage`. */
  list(): Promise<AccountInfo[]>;
  /** Does nothing when there is no such account. @throws {CaleError} `storage`. */
  delete(id: AccountId): Promise<void>;
}

/** One string for each account; an origin has no space in it. */
export const accountKey = ({ edge, name }: AccountId): string => `${edge} ${name}`;
