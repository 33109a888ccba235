/** The options of a client, and the settings that they amount to. */

import type { KeyType } from '../shared/crypto/keys/key-types.ts';
import type { KeyStore } from './account.ts';
import { CaleError } from './errors.ts';
import { EdgeClock } from './exchange/clock.ts';
import type { Platform, WebCrypto } from './exchange/send.ts';
import type { RareParts } from './rare-parts.ts';
import { IndexedDbKeyStore } from './stores/indexed-db.ts';

/** A value of the Authorization header, or a function that gives one. */
export type Authorization = string | (() => string | Promise<string>);

/** The options by which an account is found and used. */
export interface LoadOptions {
  /** URL of the edge; of a URL with a path, its origin. */
  readonly edge: string | URL;
  /** Tells accounts with one edge apart; by default `default`. */
  readonly account?: string;
  /** Keeps the accounts; by default in IndexedDB. */
  readonly store?: KeyStore;
  /** A WebCrypto, where the platform has none: that of react-native-quick-crypto, say. */
  readonly crypto?: WebCrypto;
  /** In place of the platform's `fetch`. */
  readonly fetch?: typeof fetch;
  /** True to seal every request, so that only the origin reads it. */
  readonly sealRequests?: boolean;
  /** Maximum size of an answer that is read, in bytes; by default 64 MiB. */
  readonly maxOctets?: number;
  /**
   * False to keep a credential that ends until it ends. By default a request in the last tenth of its life renews it, in
   * the background.
   */
  readonly autoRenew?: boolean;
}

/** The options of a registration, beside those that every client has. */
export interface RegisterOptions extends LoadOptions {
  /**
   * The proof of identity that registration takes: the value of an Authorization header, or a function that gives it. It is
   * sent by https, and by http only to this machine.
   */
  readonly authorization: Authorization;
  /**
   * The authority to trust: its certificate in PEM, or the SHA-256 fingerprint of that in hex. The edge then has to
   * publish a key of its origin too, so that answers are signed. By default the authorities that the edge publishes now
   * are trusted from then on.
   */
  readonly authority?: string;
  /** The owner that the proof of identity is expected to be for. */
  readonly owner?: string;
  /** By default P-256: the fastest, on both sides. */
  readonly key?: KeyType;
  /** The device's own description: the common name in its certificates. Empty by default. */
  readonly subject?: string;
}

/** The options of a renewal. */
export interface RenewOptions {
  /** By default the type of the key before. */
  readonly key?: KeyType;
}

/** The options of forgetting an account. */
export interface ForgetOptions {
  /** True to revoke the credential before its key is removed. */
  readonly revoke?: boolean;
}

/** The options of a revocation by a proof of identity, for owners who have lost all their devices. */
export interface RevokeOptions extends Pick<LoadOptions, 'edge' | 'fetch' | 'crypto'> {
  /** The proof of identity, as at registration. */
  readonly authorization: Authorization;
  readonly id: string;
}

/** Options with their defaults filled in. */
export interface Settings {
  /** Origin of the edge. */
  readonly edge: string;
  /** Name of the account. */
  readonly name: string;
  readonly store: KeyStore;
  readonly platform: Platform;
  readonly sealRequests: boolean;
  readonly maxOctets: number;
  readonly autoRenew: boolean;
  readonly loadRareParts: () => Promise<RareParts>;
}

const DEFAULT_MAX_OCTETS = 64 * 1024 * 1024;

/**
 * @throws {TypeError} when `edge` is no URL of http or https.
 * @throws {CaleError} `no-webcrypto`.
 */
export function settingsOf(options: LoadOptions, loadRareParts: Settings['loadRareParts']): Settings {
  const { crypto = globalThis.crypto } = options;
  if (!crypto?.subtle) throw new CaleError('no-webcrypto');
  return {
    edge: originOf(options.edge),
    name: options.account ?? 'default',
    store: options.store ?? new IndexedDbKeyStore(),
    platform: {
      crypto,
      subtle: crypto.subtle,
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      clock: new EdgeClock(),
    },
    sealRequests: options.sealRequests ?? false,
    maxOctets: options.maxOctets ?? DEFAULT_MAX_OCTETS,
    autoRenew: options.autoRenew ?? true,
    loadRareParts,
  };
}

/** A URL without a scheme can be one of another scheme: `localhost:8787`. */
function originOf(edge: string | URL): string {
  const text = String(edge);
  if (!/^https?:\/\//i.test(text)) throw new TypeError('edge is no URL such as https://api.example.com');
  return new URL(text).origin;
}
