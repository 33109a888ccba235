/** The client of CALE: registers a key once, then asks with a GUID, and reads what only its key can open. */

import { decodeResponse } from '../shared/bhttp/response.ts';
import { readAuthorities } from '../shared/certificate/authority.ts';
import { parseGuid } from '../shared/wire/guid.ts';
import { CALE_ACCEPT, CALE_GUID, CSR_TYPE } from '../shared/wire/headers.ts';
import type { Account, KeyStore } from './account.ts';
import { generateDeviceKey, type KeyType } from './device-key.ts';
import { CaleError } from './errors.ts';
import { DEFAULT_MAX_OCTETS, DER_TYPE, openAnswer, type Platform, send } from './exchange.ts';
import { IndexedDbKeyStore } from './stores/indexed-db.ts';
import { readWhoami, type Whoami } from './whoami.ts';

/** A value of the Authorization header, or a function that gives one. */
export type Authorization = string | (() => string | Promise<string>);

export interface LoadOptions {
  /** URL of the edge; of a URL with a path, its origin. */
  readonly edge: string | URL;
  /** Tells accounts with one edge apart; by default `default`. */
  readonly account?: string;
  /** Where accounts are kept; by default IndexedDB. */
  readonly store?: KeyStore;
  /** A WebCrypto, where the platform has none: react-native-quick-crypto, say. */
  readonly crypto?: Pick<Crypto, 'subtle'>;
  /** In place of the platform's `fetch`. */
  readonly fetch?: typeof fetch;
  /** Octets of the longest answer that is read; by default 64 MiB. */
  readonly maxOctets?: number;
}

export interface RegisterOptions extends LoadOptions {
  /** The proof of identity that registration takes: the value of an Authorization header, or what gives one. */
  readonly authorization: Authorization;
  /** By default P-256: the fastest, on both sides. */
  readonly key?: KeyType;
  /** What the device says of itself: the common name in its certificates. Empty by default. */
  readonly subject?: string;
}

const MAX_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Answers that a Response has no body for (Fetch standard 2.2.3). */
const NULL_BODY = [204, 205, 304];

export class CaleClient {
  readonly #account: Account;
  readonly #store: KeyStore;
  readonly #platform: Platform;
  readonly #maxOctets: number;

  private constructor(account: Account, { store, platform, maxOctets }: Settings) {
    this.#account = account;
    this.#store = store;
    this.#platform = platform;
    this.#maxOctets = maxOctets;
  }

  /**
   * Makes a key, registers it (draft 4.1), and keeps the account in place of one of the same name.
   * @throws {CaleError} `refused` when the proof of identity is not accepted, among the others.
   *
   * @example
   * const client = await CaleClient.register({ edge: 'https://api.example.com', authorization: `Bearer ${token}` });
   */
  static async register(options: RegisterOptions): Promise<CaleClient> {
    const settings = settingsOf(options);
    const { edge, name, platform, store, maxOctets } = settings;
    await store.ready();
    const authorities = await fetchAuthorities(platform, edge);
    const { authorization, key: keyType = 'P-256', subject = '' } = options;
    const { key, csr, pkcs8 } = await generateDeviceKey(keyType, subject, platform.subtle);
    try {
      const headers = {
        Authorization: typeof authorization === 'string' ? authorization : await authorization(),
        'Content-Type': CSR_TYPE,
        Accept: DER_TYPE,
      };
      const request = new Request(`${edge}/registration`, { method: 'POST', headers, body: csr });
      const answer = await openAnswer(platform, await send(platform, request), key, maxOctets);
      const guid = parseGuid(new TextDecoder().decode(answer));
      if (guid === undefined) throw new CaleError('unreadable');
      const account = { edge, name, guid, key, authorities, registeredAt: Date.now() };
      await store.put(account, pkcs8);
      return new CaleClient(account, settings);
    } finally {
      pkcs8.fill(0);
    }
  }

  /**
   * @returns the client of an account that was registered before; undefined when there is none.
   * @throws {CaleError} `storage`.
   *
   * @example
   * const client = (await CaleClient.load({ edge })) ?? (await CaleClient.register({ edge, authorization }));
   */
  static async load(options: LoadOptions): Promise<CaleClient | undefined> {
    const settings = settingsOf(options);
    const account = await settings.store.get(settings);
    return account && new CaleClient(account, settings);
  }

  /** Origin of the edge. */
  get edge(): string {
    return this.#account.edge;
  }

  /**
   * As the platform's `fetch`: relative URLs are the edge's. The answer is the origin's own: its status, header fields
   * and body. A HEAD is asked as a GET, since what has no body cannot be sealed.
   * @throws {CaleError} what an aborted signal throws, it throws too.
   *
   * @example
   * const response = await client.fetch('/balance');
   * if (response.ok) console.log(await response.json());
   */
  async fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const asked = new Request(input instanceof Request ? input : new URL(input, this.edge), init);
    const mayHaveBody = !['GET', 'HEAD'].includes(asked.method) && asked.body !== null;
    const body = mayHaveBody ? await asked.clone().arrayBuffer() : undefined;
    let { url, method } = asked;
    for (let redirects = 0; ; redirects++) {
      const withBody = body !== undefined && method === asked.method ? { body } : {};
      const response = await this.#ask(url, asked, method, withBody);
      const location = REDIRECTS.includes(response.status) ? response.headers.get('Location') : null;
      if (location === null || asked.redirect === 'manual') return named(response, url, redirects > 0);
      if (asked.redirect === 'error' || redirects === MAX_REDIRECTS) {
        throw new CaleError('network', { cause: new TypeError('redirected') });
      }
      url = new URL(location, url).href;
      const becomesGet = response.status === 303 || (response.status < 303 && method === 'POST');
      if (becomesGet && method !== 'HEAD') method = 'GET';
    }
  }

  /**
   * Who the edge takes this client for (draft 4.3).
   * @throws {CaleError} `unreadable` when the credential is unknown or revoked; `not-trusted` when the certificate is
   *   not one of this key, signed by the authority that was registered with.
   *
   * @example
   * const { owner, scopes } = await client.whoami();
   */
  async whoami(): Promise<Whoami> {
    const headers = { [CALE_GUID]: this.#account.guid, Accept: DER_TYPE };
    const response = await send(this.#platform, new Request(`${this.edge}/whoami`, { headers }));
    const pem = await openAnswer(this.#platform, response, this.#account.key, this.#maxOctets);
    return readWhoami(pem, this.#account, this.#platform.subtle);
  }

  /**
   * Removes the account, and with it the key, from the store. The edge is not told: it would take nobody's word.
   * @throws {CaleError} `storage`.
   *
   * @example
   * await client.forget(); // and CaleClient.register() makes another one
   */
  async forget(): Promise<void> {
    await this.#store.delete(this.#account);
  }

  async #ask(url: string, asked: Request, method: string, init: RequestInit): Promise<Response> {
    if (new URL(url).origin !== this.edge) throw new CaleError('other-origin');
    const headers = new Headers(asked.headers);
    headers.set(CALE_GUID, this.#account.guid);
    headers.set(CALE_ACCEPT, 'message/bhttp');
    headers.append('Accept', DER_TYPE);
    const { signal } = asked;
    const isHead = method === 'HEAD';
    // Not every platform has `credentials` (Workers do not), and only some let it be set.
    const credentials = asked.credentials === undefined ? {} : { credentials: asked.credentials };
    const request = new Request(url, { ...credentials, ...init, method: isHead ? 'GET' : method, headers, signal });
    const message = await openAnswer(
      this.#platform,
      await send(this.#platform, request),
      this.#account.key,
      this.#maxOctets,
      signal,
    );
    return responseOf(message, isHead);
  }
}

interface Settings {
  readonly edge: string;
  readonly name: string;
  readonly store: KeyStore;
  readonly platform: Platform;
  readonly maxOctets: number;
}

function settingsOf(options: LoadOptions): Settings {
  const { subtle } = options.crypto ?? globalThis.crypto;
  const fetcher = options.fetch ?? globalThis.fetch.bind(globalThis);
  return {
    edge: new URL(options.edge).origin,
    name: options.account ?? 'default',
    store: options.store ?? new IndexedDbKeyStore(),
    platform: { subtle, fetch: fetcher },
    maxOctets: options.maxOctets ?? DEFAULT_MAX_OCTETS,
  };
}

/** The authority's certificates, to be pinned: PEM, one behind the other. */
async function fetchAuthorities(platform: Platform, edge: string): Promise<string> {
  const response = await send(platform, new Request(`${edge}/.well-known/cale`));
  try {
    const { authorityCertificates } = (await response.json()) as { authorityCertificates: readonly string[] };
    const pem = authorityCertificates.join('');
    readAuthorities(pem);
    return pem;
  } catch {
    throw new CaleError('not-sealed');
  }
}

function responseOf(message: Uint8Array<ArrayBuffer>, isHead: boolean): Response {
  try {
    const { status, headers, content } = decodeResponse(message);
    const fields = new Headers();
    for (const [name, value] of headers) fields.append(name, value);
    return new Response(isHead || NULL_BODY.includes(status) ? null : content, { status, headers: fields });
  } catch {
    throw new CaleError('unreadable');
  }
}

/** A Response that was made has no URL; this one was asked for at one. */
function named(response: Response, url: string, redirected: boolean): Response {
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
}
