/** The client of CALE: registers a key once, then asks with a GUID, and reads what only its key can open. */

import { parseResponse } from '../shared/encoding/bhttp/response.ts';
import { tryParseGuid } from '../shared/protocol/guid.ts';
import { CALE_ACCEPT, CALE_GUID } from '../shared/protocol/headers.ts';
import { BINARY_HTTP_TYPE, CMS_TYPE, CSR_TYPE } from '../shared/protocol/media-types.ts';
import { parseTrustAnchors } from '../shared/x509/trust-anchor.ts';
import type { Account } from './account.ts';
import { generateDeviceKey } from './device-key.ts';
import { CaleError } from './errors.ts';
import { openResponse } from './exchange/open-response.ts';
import { type Platform, send } from './exchange/send.ts';
import { type LoadOptions, type RegisterOptions, type Settings, settingsOf } from './options.ts';
import { readWhoami, type Whoami } from './whoami.ts';

const MAX_REDIRECTS = 20;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Statuses of answers that a Response has no body for (Fetch standard 2.2.3). */
const NULL_BODY = [204, 205, 304];

export class CaleClient {
  readonly #account: Account;
  readonly #settings: Settings;

  private constructor(account: Account, settings: Settings) {
    this.#account = account;
    this.#settings = settings;
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
    const { edge, name, platform, store } = settings;
    await store.ready();
    const authorities = await fetchAuthorities(platform, edge);
    const { authorization, key: keyType = 'P-256', subject = '' } = options;
    const { key, csr, pkcs8 } = await generateDeviceKey(keyType, subject, platform.subtle);
    try {
      const headers = {
        Authorization: typeof authorization === 'string' ? authorization : await authorization(),
        'Content-Type': CSR_TYPE,
        Accept: CMS_TYPE,
      };
      const request = new Request(`${edge}/registration`, { method: 'POST', headers, body: csr });
      const answer = await openResponse(settings, await send(platform, request), key);
      const guid = tryParseGuid(new TextDecoder().decode(answer));
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
   * and body. A HEAD is asked as a GET, because an answer without a body cannot be sealed. It may be taken off its
   * object, for libraries that take a `fetch`.
   * @throws {CaleError}; and what an aborted signal throws.
   *
   * @example
   * const response = await client.fetch('/balance');
   * if (response.ok) console.log(await response.json());
   */
  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const asked = new Request(input instanceof Request ? input : new URL(input, this.edge), init);
    const mayHaveBody = !['GET', 'HEAD'].includes(asked.method) && asked.body !== null;
    const body = mayHaveBody ? await asked.clone().arrayBuffer() : undefined;
    let { url, method } = asked;
    for (let redirects = 0; ; redirects++) {
      const withBody = body !== undefined && method === asked.method ? { body } : {};
      const response = await this.#exchange(url, asked, method, withBody);
      const location = REDIRECTS.includes(response.status) ? response.headers.get('Location') : null;
      if (location === null || asked.redirect === 'manual') return withUrl(response, url, redirects > 0);
      if (asked.redirect === 'error' || redirects === MAX_REDIRECTS) {
        throw new CaleError('network', { cause: new TypeError('redirected') });
      }
      url = new URL(location, url).href;
      const becomesGet = response.status === 303 || (response.status < 303 && method === 'POST');
      if (becomesGet && method !== 'HEAD') method = 'GET';
    }
  };

  /**
   * The identity that the edge takes this client for (draft 4.3).
   * @throws {CaleError} `unreadable` when the credential is unknown or revoked; `not-trusted` when the certificate is
   *   not one of this key, signed by the authority that was registered with.
   *
   * @example
   * const { owner, scopes } = await client.whoami();
   */
  async whoami(): Promise<Whoami> {
    const headers = { [CALE_GUID]: this.#account.guid, Accept: CMS_TYPE };
    const { platform } = this.#settings;
    const response = await send(platform, new Request(`${this.edge}/whoami`, { headers }));
    const content = await openResponse(this.#settings, response, this.#account.key);
    return readWhoami(content, this.#account, platform.subtle);
  }

  /**
   * Removes the account, and with it the key, from the store. The edge is not told, because it would believe no client.
   * @throws {CaleError} `storage`.
   *
   * @example
   * await client.forget(); // and CaleClient.register() makes another one
   */
  async forget(): Promise<void> {
    await this.#settings.store.delete(this.#account);
  }

  async #exchange(url: string, asked: Request, method: string, init: RequestInit): Promise<Response> {
    if (new URL(url).origin !== this.edge) throw new CaleError('other-origin');
    const headers = new Headers(asked.headers);
    headers.set(CALE_GUID, this.#account.guid);
    headers.set(CALE_ACCEPT, BINARY_HTTP_TYPE);
    headers.append('Accept', CMS_TYPE);
    const { signal } = asked;
    const isHead = method === 'HEAD';
    // Not every platform has `credentials` (Workers do not), and only some let it be set.
    const credentials = asked.credentials === undefined ? {} : { credentials: asked.credentials };
    const request = new Request(url, { ...credentials, ...init, method: isHead ? 'GET' : method, headers, signal });
    const response = await send(this.#settings.platform, request);
    const message = await openResponse(this.#settings, response, this.#account.key, signal);
    return toResponse(message, isHead);
  }
}

/** The authority's certificates, to be pinned: PEM, one behind the other. */
async function fetchAuthorities(platform: Platform, edge: string): Promise<string> {
  const response = await send(platform, new Request(`${edge}/.well-known/cale`));
  try {
    const { authorityCertificates } = (await response.json()) as { authorityCertificates: readonly string[] };
    const pem = authorityCertificates.join('');
    parseTrustAnchors(pem);
    return pem;
  } catch {
    throw new CaleError('not-sealed');
  }
}

function toResponse(message: Uint8Array<ArrayBuffer>, isHead: boolean): Response {
  try {
    const { status, headers, content } = parseResponse(message);
    const fields = new Headers();
    for (const [name, value] of headers) fields.append(name, value);
    return new Response(isHead || NULL_BODY.includes(status) ? null : content, { status, headers: fields });
  } catch {
    throw new CaleError('unreadable');
  }
}

/** A Response that was made has no URL; this one was asked for at one. */
function withUrl(response: Response, url: string, redirected: boolean): Response {
  return Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
}
