/** The exchanges of one account with its edge: each request has a nonce, and each answer is held to what was pinned. */

import { encodeBase64Url } from '../../shared/encoding/base64.ts';
import { type BinaryResponse, parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { parseLatin1 } from '../../shared/encoding/latin1.ts';
import { SEALED_PATH, WHOAMI_PATH } from '../../shared/protocol/endpoints.ts';
import { CALE_ACCEPT, CALE_GUID, CALE_KEY, CALE_NONCE } from '../../shared/protocol/headers.ts';
import type { FieldLines, RequestMessage } from '../../shared/protocol/http-signature.ts';
import { BINARY_HTTP_TYPE, CMS_TYPE } from '../../shared/protocol/media-types.ts';
import { newNonce } from '../../shared/protocol/nonce.ts';
import type { OriginKeyUse, OriginPublicKey } from '../../shared/protocol/origin-certificate.ts';
import { isSafeMethod } from '../../shared/protocol/signed-request.ts';
import type { Account } from '../account.ts';
import { CaleError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { findOriginKey, loadAuthorities } from '../trust.ts';
import type { Whoami } from '../whoami.ts';
import { fetchDocument } from './document.ts';
import { openResponse } from './open-response.ts';
import { send } from './send.ts';
import { signRequest } from './sign-request.ts';
import { unsignedError } from './unsigned-problem.ts';
import { isSignedAnswer } from './verify-answer.ts';

/** A request of the application. */
export interface ClientRequest {
  /** Without nonce and signature. */
  readonly message: RequestMessage;
  readonly content: Uint8Array<ArrayBuffer>;
  readonly isSealed: boolean;
  /** The members of a RequestInit that go along with it: signal, credentials. */
  readonly init: RequestInit;
}

export class Session {
  #account: Account;
  readonly #settings: Settings;
  /** Keys of the origin that were verified, by `keyid`. */
  readonly #originKeys = new Map<string, OriginPublicKey>();
  #refreshing: Promise<void> | undefined;

  constructor(account: Account, settings: Settings) {
    this.#account = account;
    this.#settings = settings;
  }

  get account(): Account {
    return this.#account;
  }

  /**
   * The identity of the account, as the authority says it now (draft 4.3).
   * @throws {CaleError} `unreadable`, among the others.
   */
  async whoami(): Promise<Whoami> {
    const { edge, guid, key } = this.#account;
    const { platform } = this.#settings;
    const nonce = newNonce(platform.clock.now(), platform.crypto);
    const headers = { [CALE_GUID]: guid, [CALE_NONCE]: nonce, Accept: CMS_TYPE };
    const response = await send(platform, new Request(edge + WHOAMI_PATH, { headers }));
    const { content } = await openResponse(this.#settings, response, key);
    const { readWhoami } = await this.#settings.loadRareParts();
    const read = () => readWhoami(content, this.#account, nonce, platform.subtle);
    const whoami = (await read()) ?? (await this.#refresh().then(read));
    if (whoami === undefined) throw new CaleError('unreadable');
    return whoami;
  }

  /** @throws {CaleError} */
  async exchange(request: ClientRequest): Promise<BinaryResponse> {
    const answer = await this.#exchangeOnce(request);
    if (!request.isSealed || !isSealedToOldKey(answer)) return answer;
    await this.#refresh();
    return this.#exchangeOnce(request);
  }

  async #exchangeOnce({ message, content, isSealed, init }: ClientRequest): Promise<BinaryResponse> {
    const { platform } = this.#settings;
    const isUnsafe = !isSafeMethod(message.method);
    // A nonce that has to be admitted must be of the edge's time.
    if ((isUnsafe || isSealed) && !platform.clock.isKnown) await this.#refresh();
    const nonce = newNonce(platform.clock.now(), platform.crypto);
    const { key } = this.#account;
    const keyid = encodeBase64Url(key.keyIdentifier);
    const names: FieldLines = [
      [CALE_NONCE.toLowerCase(), nonce],
      [CALE_KEY.toLowerCase(), keyid],
    ];
    const named = withFields(message, names);
    const signed = isUnsafe ? await signRequest(named, content, key, platform.subtle) : named;
    const request = isSealed
      ? await this.#sealedRequest(signed, content, nonce, init)
      : this.#plainRequest(signed, content, init);
    // An origin that does not open a sealed request answers to what it saw of it.
    const outer = { method: request.method, targetUri: request.url, fields: names };
    const requests = isSealed ? [signed, outer] : [signed];
    return this.#read(await send(platform, request), requests, init.signal ?? undefined);
  }

  #plainRequest({ method, targetUri, fields }: RequestMessage, content: Uint8Array<ArrayBuffer>, init: RequestInit) {
    const headers = this.#transportFields(fields);
    return new Request(targetUri, { ...init, method, headers, ...(content.length > 0 && { body: content }) });
  }

  async #sealedRequest(
    message: RequestMessage,
    content: Uint8Array<ArrayBuffer>,
    nonce: string,
    init: RequestInit,
  ): Promise<Request> {
    const { crypto } = this.#settings.platform;
    const { sealRequest } = await this.#settings.loadRareParts();
    const key = await this.#encryptionKey();
    const body = await sealRequest(message, content, key, crypto);
    const headers = this.#transportFields([[CALE_NONCE, nonce]]);
    headers.set('Content-Type', `${CMS_TYPE}; smime-type=authEnveloped-data`);
    return new Request(this.#account.edge + SEALED_PATH, { ...init, method: 'POST', headers, body });
  }

  /** The fields of a message with those that the edge takes. */
  #transportFields(fields: RequestMessage['fields']): Headers {
    const headers = new Headers();
    for (const [name, value] of fields) headers.append(name, value);
    headers.set(CALE_GUID, this.#account.guid);
    headers.set(CALE_ACCEPT, BINARY_HTTP_TYPE);
    headers.append('Accept', CMS_TYPE);
    return headers;
  }

  /**
   * One error for every fault, so that an attacker learns nothing from the difference.
   * @param requests those that the answer may be to.
   */
  async #read(
    response: Response,
    requests: readonly RequestMessage[],
    signal: AbortSignal | undefined,
  ): Promise<BinaryResponse> {
    const { subtle } = this.#settings.platform;
    const { answersSigned = false, key } = this.#account;
    const options = { allowUnauthenticated: answersSigned, ...(signal && { signal }) };
    const { content, isAuthenticated } = await openResponse(this.#settings, response, key, options);
    const answer = tryParse(() => parseResponse(content));
    if (answer === undefined) throw new CaleError('unreadable');
    const findKey = (keyid: string) => this.#signingKey(keyid, isAuthenticated);
    const isTaken = !answersSigned || (await isSignedAnswer(answer, requests, findKey, subtle));
    if (isTaken) return answer;
    throw isAuthenticated ? await unsignedError(answer) : new CaleError('unreadable');
  }

  /**
   * A key that signs, of the published certificates.
   * @param mayRefresh true to ask for them once more when it is not among them. Content that can have been altered must not
   *   make the client do that, because an attacker would see that it was opened.
   */
  async #signingKey(keyid: string, mayRefresh: boolean): Promise<OriginPublicKey | undefined> {
    const key = this.#originKeys.get(keyid) ?? (await this.#findOriginKey('signing', keyid, mayRefresh));
    if (key !== undefined) this.#originKeys.set(keyid, key);
    return key;
  }

  /** @throws {CaleError} `not-trusted` when no trusted authority certified a key to seal requests to. */
  async #encryptionKey(): Promise<OriginPublicKey> {
    const key = await this.#findOriginKey('encryption', undefined, true);
    if (key !== undefined) return key;
    throw new CaleError('not-trusted', {
      message: 'The edge publishes no key for sealed requests that its authority certified.',
    });
  }

  async #findOriginKey(
    use: OriginKeyUse,
    keyid: string | undefined,
    mayRefresh: boolean,
  ): Promise<OriginPublicKey | undefined> {
    const { origin } = this.#account;
    const key = origin && (await findOriginKey(origin[use], use, keyid, this.#account, this.#settings.platform.subtle));
    if (key !== undefined || !mayRefresh) return key;
    await this.#refresh();
    return this.#findOriginKey(use, keyid, false);
  }

  /** One fetch for all calls that are under way. */
  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#takeOver().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** @throws {CaleError} `authority-changed`, among the others. */
  async #takeOver(): Promise<void> {
    const { platform, store } = this.#settings;
    const { authorities, issuers = '', origin } = this.#account;
    const document = await fetchDocument(platform, this.#account.edge);
    const isKnown = document.authorities === issuers + authorities;
    if (isKnown && JSON.stringify(document.origin) === JSON.stringify(origin)) return;
    const module = await loadAuthorities(platform.subtle);
    this.#account = await module.takeOver(this.#account, document, store);
    this.#originKeys.clear();
  }
}

/** @param fields in place of those that the application may have set by these names. */
const withFields = (message: RequestMessage, fields: FieldLines): RequestMessage => ({
  ...message,
  fields: [...message.fields.filter(([name]) => !fields.some(([other]) => other === name)), ...fields],
});

const SEALED_REQUEST_NOT_VALID = 'urn:cale:problem:sealed-request-not-valid';

/** True for the problem by which an origin refuses a request that it cannot open. */
const isSealedToOldKey = ({ status, content }: BinaryResponse): boolean =>
  status === 400 && tryParseJsonObject(parseLatin1(content))?.['type'] === SEALED_REQUEST_NOT_VALID;
