/** The client of CALE: registers a key once, then asks with a GUID, and reads what only its key can open. */

import { isSafeMethod } from '../shared/protocol/signed-request.ts';
import { type Account, exclusively } from './account.ts';
import type { CredentialInfo } from './credential-info.ts';
import { CaleError } from './errors.ts';
import { type CaleRequestInit, fetchFromEdge } from './exchange/fetch.ts';
import { type ClientRequest, Session } from './exchange/session.ts';
import {
  type ForgetOptions,
  type LoadOptions,
  type RegisterOptions,
  type RenewOptions,
  type RevokeOptions,
  type Settings,
  settingsOf,
} from './options.ts';
import { isRenewalDue } from './renewal-due.ts';
import type { Whoami } from './whoami.ts';

/** What a page loads only when it needs it. */
const loadRareParts = () => import('./on-demand.ts');

/** A registered client: its key, and what can be asked with it. `register`, `load` and `loadOrRegister` make one. */
export class CaleClient {
  #session: Session;
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
    const settings = settingsOf(options, loadRareParts);
    const { registerAccount } = await loadRareParts();
    return new CaleClient(new Session(await registerAccount(options, settings), settings), settings);
  }

  /**
   * @returns the client of an account that was registered before; undefined when there is none.
   * @throws {CaleError} `storage`.
   *
   * @example
   * const client = await CaleClient.load({ edge });
   * if (client === undefined) showLogin();
   */
  static async load(options: LoadOptions): Promise<CaleClient | undefined> {
    const settings = settingsOf(options, loadRareParts);
    const account = await settings.store.get(settings);
    if (account === undefined) return undefined;
    const proved = account.isUnproved ? await (await loadRareParts()).prove(account, settings) : account;
    return new CaleClient(new Session(proved, settings), settings);
  }

  /**
   * Loads the account, or else registers one. Pages and programs that do so at once, with one store, register one.
   * @param options `authorization` is asked for only when there is no account.
   * @throws {CaleError} as `load` and `register`. A key that was lost is not replaced in silence: see `keyLost`.
   *
   * @example
   * const client = await CaleClient.loadOrRegister({ edge, authorization: () => askForPassword() });
   */
  static async loadOrRegister(options: RegisterOptions): Promise<CaleClient> {
    const settings = settingsOf(options, loadRareParts);
    return exclusively(
      settings.store,
      settings,
      async () => (await CaleClient.load(options)) ?? CaleClient.register(options),
    );
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
    this.#renewWhenDue();
    const ask = (request: ClientRequest) =>
      // A write may have been done, whatever its answer was: it is never sent twice.
      this.#ask((session) => session.exchange(request), isSafeMethod(request.message.method));
    return fetchFromEdge(this.#settings, ask, input, init);
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
    return this.#ask((session) => session.whoami());
  }

  /**
   * All credentials of the owner, those that were registered last first: the devices and programs that may ask.
   * @throws {CaleError} `unreadable` when this client's credential is unknown, revoked or has ended.
   *
   * @example
   * const others = (await client.credentials()).filter(({ isCurrent, revokedAt }) => !isCurrent && !revokedAt);
   */
  async credentials(): Promise<CredentialInfo[]> {
    const { listCredentials } = await loadRareParts();
    return this.#ask(({ account }) => listCredentials(account, this.#settings));
  }

  /**
   * Revokes a credential of the owner, at once; it may be this client's own.
   * @param id as `credentials` gives it.
   * @returns false when the owner has no such credential that was not revoked before.
   * @throws {CaleError}
   *
   * @example
   * await client.revoke(lostPhone.id);
   */
  async revoke(id: string): Promise<boolean> {
    const { revokeCredential } = await loadRareParts();
    return revokeCredential(this.#session.account, this.#settings, id);
  }

  /**
   * Revokes a credential by a proof of identity, for an owner who has no device any more.
   * @param id as the refusal `too-many-credentials` gives it.
   * @returns false when the owner has no such credential.
   * @throws {CaleError} `refused` when the proof of identity is not accepted.
   */
  static async revokeByProof(options: RevokeOptions): Promise<boolean> {
    const settings = settingsOf(options, loadRareParts);
    const { revokeByProof } = await loadRareParts();
    return revokeByProof(options, settings);
  }

  /**
   * Takes another key in place of this one, for the same owner and with the same rights. The one before it is revoked as
   * soon as the new one was used. Nothing is lost when the program ends meanwhile.
   * @throws {CaleError} `refused` with the problem `secondary-proof-required` when the credential is unknown, revoked or
   *   has ended: then only a registration helps.
   *
   * @example
   * await client.renew({ key: 'P-384' });
   */
  async renew({ key }: RenewOptions = {}): Promise<void> {
    const { renew } = await loadRareParts();
    this.#session = new Session(await renew(this.#settings, key), this.#settings);
  }

  /**
   * How well the account is kept: `persisted` is true where only a person removes it, false where the platform may do so,
   * and undefined where it does not say.
   */
  async storage(): Promise<{ readonly persisted: boolean | undefined }> {
    return { persisted: await this.#settings.store.isPersisted?.() };
  }

  /**
   * Removes the account, and with it the key, from the store.
   * @param options with `revoke` the credential is revoked before. When that fails, nothing is removed.
   * @throws {CaleError} `storage`; and with `revoke` the others.
   *
   * @example
   * await client.forget({ revoke: true });
   */
  async forget({ revoke = false }: ForgetOptions = {}): Promise<void> {
    const { account } = this.#session;
    if (revoke) await (await loadRareParts()).revokeOwn(account, this.#settings);
    const { store } = this.#settings;
    await exclusively(store, account, () => store.delete(account));
  }

  /** In the background. An error is not told: it is tried again later. */
  #renewWhenDue(): void {
    const { autoRenew, platform } = this.#settings;
    if (!autoRenew || !isRenewalDue(this.#session.account, platform.clock)) return;
    const renewing = loadRareParts().then(({ renewWhenDue }) => renewWhenDue(this.#settings));
    renewing.then(
      (account) => account && this.#use(account),
      () => undefined,
    );
  }

  #use(account: Account): void {
    if (account.guid !== this.#session.account.guid) this.#session = new Session(account, this.#settings);
  }

  /**
   * Asks. Where another page or program has renewed the account, it is taken over.
   * @param isRepeated true to ask once more then.
   */
  async #ask<T>(ask: (session: Session) => Promise<T>, isRepeated = true): Promise<T> {
    try {
      return await ask(this.#session);
    } catch (error) {
      if ((await this.#isRenewedElsewhere(error)) && isRepeated) return ask(this.#session);
      throw error;
    }
  }

  async #isRenewedElsewhere(error: unknown): Promise<boolean> {
    if (!(error instanceof CaleError) || error.code !== 'unreadable') return false;
    const { findRenewed } = await loadRareParts();
    const account = await findRenewed(this.#settings, this.#session.account).catch(() => undefined);
    if (account === undefined) return false;
    this.#use(account);
    return true;
  }
}
