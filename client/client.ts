/** The client of CALE: registers a key once, then asks with a GUID, and reads what only its key can open. */

import type { BinaryResponse } from '../shared/encoding/bhttp/response.ts';
import { utf8 } from '../shared/encoding/bytes.ts';
import { parseLatin1 } from '../shared/encoding/latin1.ts';
import { REGISTRATION_PATH } from '../shared/protocol/endpoints.ts';
import { tryParseGuid } from '../shared/protocol/guid.ts';
import { isFieldValue } from '../shared/protocol/headers.ts';
import type { RequestMessage } from '../shared/protocol/http-signature.ts';
import { CMS_TYPE, CSR_TYPE } from '../shared/protocol/media-types.ts';
import { readBody } from '../shared/protocol/read-body.ts';
import type { AccountKey } from './account.ts';
import { generateDeviceKey } from './device-key.ts';
import { CaleError } from './errors.ts';
import { fetchDocument } from './exchange/document.ts';
import { openResponse } from './exchange/open-response.ts';
import { MAX_REDIRECTS, notFollowed, redirectedRequest } from './exchange/redirect.ts';
import { toResponse } from './exchange/response.ts';
import { send } from './exchange/send.ts';
import { Session } from './exchange/session.ts';
import { assertProtected, type LoadOptions, type RegisterOptions, type Settings, settingsOf } from './options.ts';
import { pinAuthorities } from './trust.ts';
import type { Whoami } from './whoami.ts';

/** Maximum size of a request's body, in bytes: the most that origins read by default. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** The options of one request, beside those of `fetch`. */
export interface CaleRequestInit extends RequestInit {
  /** True to seal the request, so that only the origin reads it; by default as the client was loaded. */
  readonly seal?: boolean;
}

export class CaleClient {
  readonly #session: Session;
  readonly #settings: Settings;

  private constructor(session: Session, settings: Settings) {
    this.#session = session;
    this.#settings = settings;
  }

  /**
   * Makes a key, registers it (draft 4.1), and asks the authority for whom. Keeps the account, in place of one of the same
   * name, when the answer is proved to be for this key.
   * @throws {CaleError} `refused` when the proof of identity is not accepted; `not-trusted` when authority or owner are not
   *   the expected ones; among the others.
   * @throws {TypeError} before anything is sent, when the edge is of http and not on this machine.
   *
   * @example
   * const client = await CaleClient.register({ edge: 'https://api.example.com', authorization: `Bearer ${token}` });
   */
  static async register(options: RegisterOptions): Promise<CaleClient> {
    const settings = settingsOf(options);
    const { edge, name, platform, store } = settings;
    assertProtected(edge);
    await store.ready();
    const { authorities: published, origin } = await fetchDocument(platform, edge);
    const authorities = await pinAuthorities(published, options.authority, platform.subtle);
    if (options.authority !== undefined && origin.signing === '') {
      throw new CaleError('not-trusted', {
        message: 'The edge publishes no key of its origin: answers would not be signed.',
      });
    }
    const { key, csr, pkcs8 } = await generateDeviceKey(options.key ?? 'P-256', options.subject ?? '', platform.subtle);
    try {
      const guid = await sendCsr(settings, options, csr, key);
      const answersSigned = origin.signing !== '';
      const account = { edge, name, guid, key, authorities, origin, answersSigned, registeredAt: Date.now() };
      const { owner } = await new Session(account, settings).whoami();
      if (options.owner !== undefined && options.owner !== owner) {
        const message = `The edge registered the key for ${owner}, and not for ${options.owner}.`;
        throw new CaleError('not-trusted', { message });
      }
      await store.put({ ...account, owner }, pkcs8);
      return new CaleClient(new Session({ ...account, owner }, settings), settings);
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
    return account && new CaleClient(new Session(account, settings), settings);
  }

  /** Origin of the edge. */
  get edge(): string {
    return this.#session.account.edge;
  }

  /** The resource owner that the account was registered for; undefined for accounts of before it was kept. */
  get owner(): string | undefined {
    return this.#session.account.owner;
  }

  /**
   * As the platform's `fetch`: relative URLs are the edge's. The answer is the origin's own: its status, header fields
   * and body. Methods that can change something are signed with the registered key. A HEAD is asked as a GET, because an
   * answer without a body cannot be sealed. It may be taken off its object, for libraries that take a `fetch`.
   * @throws {CaleError}; and what an aborted signal throws.
   *
   * @example
   * const response = await client.fetch('/balance');
   * if (response.ok) console.log(await response.json());
   */
  readonly fetch = async (input: string | URL | Request, init: CaleRequestInit = {}): Promise<Response> => {
    const asked = new Request(input instanceof Request ? input : new URL(input, this.edge), init);
    const isSealed = init.seal ?? this.#settings.sealRequests;
    const content = await contentOf(asked, init.body);
    let message: RequestMessage = { method: asked.method, targetUri: asked.url, fields: [...asked.headers] };
    for (let redirects = 0; ; redirects++) {
      const body = message.method === asked.method ? content : new Uint8Array(0);
      const answer = await this.#exchange(message, asked, body, isSealed);
      const next = asked.redirect === 'manual' ? undefined : redirectedRequest(answer, message);
      const isHead = message.method === 'HEAD';
      if (next === undefined)
        return toResponse(answer, { url: message.targetUri, isRedirected: redirects > 0, isHead });
      if (asked.redirect === 'error') throw notFollowed('The answer is a redirect.');
      if (redirects === MAX_REDIRECTS) throw notFollowed(`There are more than ${MAX_REDIRECTS} redirects.`);
      message = next;
    }
  };

  /**
   * The identity that the edge takes this client for now (draft 4.3).
   * @throws {CaleError} `unreadable` when the credential is unknown or revoked, or the answer is not a certificate of this
   *   key by the pinned authority for this very question.
   *
   * @example
   * const { owner, scopes } = await client.whoami();
   */
  whoami(): Promise<Whoami> {
    return this.#session.whoami();
  }

  /**
   * Removes the account, and with it the key, from the store. The edge is not told, because it would believe no client.
   * @throws {CaleError} `storage`.
   *
   * @example
   * await client.forget(); // and CaleClient.register() makes another one
   */
  async forget(): Promise<void> {
    await this.#settings.store.delete(this.#session.account);
  }

  async #exchange(
    { method, targetUri, fields }: RequestMessage,
    asked: Request,
    content: Uint8Array<ArrayBuffer>,
    isSealed: boolean,
  ): Promise<BinaryResponse> {
    const target = new URL(targetUri);
    if (target.origin !== this.edge) {
      const message = `The request leads to ${target.origin}, away from the edge that the credential is for.`;
      throw new CaleError('other-origin', { message });
    }
    // No part of a request on the wire (RFC 9110 7.1), and so none of its signature.
    target.hash = '';
    const message = { method: method === 'HEAD' ? 'GET' : method, targetUri: target.href, fields };
    const { signal } = asked;
    // Not every platform has `credentials` (Workers do not), and only some let it be set.
    const init = { signal, ...(asked.credentials !== undefined && { credentials: asked.credentials }) };
    return this.#session.exchange({ message, content, isSealed, init });
  }
}

/** @returns the GUID that the edge answers a CSR with. */
async function sendCsr(
  settings: Settings,
  { authorization }: RegisterOptions,
  csr: Uint8Array<ArrayBuffer>,
  key: AccountKey,
): Promise<string> {
  const proof = (typeof authorization === 'string' ? authorization : await authorization()).trim();
  // The platform's own error would quote it.
  if (!isFieldValue(proof))
    throw new TypeError('authorization holds a line end, or another character of no header field');
  const headers = { Authorization: proof, 'Content-Type': CSR_TYPE, Accept: CMS_TYPE };
  const request = new Request(settings.edge + REGISTRATION_PATH, { method: 'POST', headers, body: csr });
  const { content } = await openResponse(settings, await send(settings.platform, request), key);
  const guid = tryParseGuid(parseLatin1(content));
  if (guid === undefined) throw new CaleError('unreadable');
  return guid;
}

/**
 * @param body as the application gave it. React Native's Request does not give the bytes of a text.
 * @throws {CaleError} `too-large`.
 */
async function contentOf(asked: Request, body: unknown): Promise<Uint8Array<ArrayBuffer>> {
  if (asked.method === 'GET' || asked.method === 'HEAD' || asked.body === null) return new Uint8Array(0);
  const content = typeof body === 'string' ? utf8(body) : await readBody(asked, MAX_REQUEST_BYTES);
  if (content === undefined || content.length > MAX_REQUEST_BYTES) throw new CaleError('too-large');
  return content;
}
