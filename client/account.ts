/** Accounts: the outcome of a registration, which the client keeps. */

/** Certificates of an origin in PEM, one behind the other. */
export interface OriginCertificates {
  /** Of the keys that sign answers. */
  readonly signing: string;
  /** Of the key that requests are sealed to. */
  readonly encryption: string;
}

/** An account with one edge, without its key. */
export interface AccountInfo {
  /** Origin of the edge, such as `https://api.example.com`. */
  readonly edge: string;
  /** Tells accounts with one edge apart; chosen by the application. */
  readonly name: string;
  readonly guid: string;
  /** The resource owner that the account was registered for. */
  readonly owner?: string;
  /** The device's own description, which it registered with; empty where it has none. */
  readonly subject?: string;
  /** The pinned authorities: their certificates in PEM. They move when a pinned one certifies the next. */
  readonly authorities: string;
  /** Certificates in PEM of authorities that pinned ones certified, as the edge published them last. */
  readonly issuers?: string;
  /** True when answers of this edge are signed: then only signed ones are taken. */
  readonly answersSigned?: boolean;
  /** Certificates in PEM of the origin's keys, as the edge published them last; empty where there are none. */
  readonly origin?: OriginCertificates;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** When the credential ends, in milliseconds since 1970 by the edge's clock; missing where it does not. */
  readonly endsAt?: number;
  /** True from a renewal until the authority has said that its GUID is this owner's: it is asked before any other use. */
  readonly isUnproved?: boolean;
}

/** The private key of an account. */
export interface AccountKey {
  /** SubjectKeyIdentifier of the public key. */
  readonly keyIdentifier: Uint8Array;
  /** Opens answers: for RSA-OAEP with SHA-256 and the usage `decrypt`, or for ECDH and `deriveBits`. Not exportable. */
  readonly key: CryptoKey;
  /** The same key as it signs requests; missing in accounts of before requests were signed. Not exportable. */
  readonly signingKey?: CryptoKey;
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
  /**
   * Replaces all of a stored account but its key, which stays. Called when one with the same GUID is stored. A store without
   * this method keeps the certificates of the registration, and its clients ask for new ones at each start.
   * @throws {CaleError} as `get`.
   */
  update?(account: Account): Promise<void>;
  /** @throws {CaleError} `storage`; `passphrase` where there is one and it is wrong. */
  get(id: AccountId): Promise<Account | undefined>;
  /** All accounts, in no particular order. @throws {CaleError} `storage`. */
  list(): Promise<AccountInfo[]>;
  /** Does nothing when there is no such account. @throws {CaleError} `storage`. */
  delete(id: AccountId): Promise<void>;
  /**
   * Does the work while no other program, page or worker that has the same store does such work for the same account.
   * Without it, two pages that are opened at once may both register.
   * @returns what the work gives.
   * @throws {CaleError} `storage`; and what the work throws.
   */
  exclusively?<T>(id: AccountId, work: () => Promise<T>): Promise<T>;
  /** @returns true when only a person removes accounts; false when the platform may; undefined when it does not say. */
  isPersisted?(): Promise<boolean | undefined>;
}

/** Does the work by the lock of the store, where it has one. */
export const exclusively = <T>(store: KeyStore, id: AccountId, work: () => Promise<T>): Promise<T> =>
  store.exclusively?.(id, work) ?? work();

/** One string for each account; an origin has no space in it. */
export const accountKey = ({ edge, name }: AccountId): string => `${edge} ${name}`;
