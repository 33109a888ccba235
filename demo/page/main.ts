/** The demo's page: a tour of registration, standard request, decoy and revocation, with a real key. */

import { CaleClient } from '../../client/client.ts';
import type { CaleError } from '../../client/errors.ts';
import { IndexedDbKeyStore } from '../../client/stores/indexed-db.ts';
import { REGISTRATION_PATH, SEALED_PATH } from '../../shared/protocol/endpoints.ts';
import { byId, element } from './elements.ts';
import { deal } from './guess.ts';
import { answered, deceived, REGISTRATION, SEALED, WRITTEN } from './hops.ts';
import { drawParties } from './sequence.ts';
import { clearStage, fetch, perform, say } from './stage.ts';
import { ADMINISTRATOR, basicOf, USERS, type User } from './users.ts';
import { responseView, whoamiView } from './views.ts';

const EDGE = location.origin;
const STEPS = ['register', 'ask', 'decoy', 'revoke'];

let isBusy = false;

const store = new IndexedDbKeyStore();

/** The account of the user who is chosen. */
let user: User = 'alice';
let client: CaleClient | undefined;
/** GUIDs that were revoked by this page; clients are not told of any. */
const revoked = new Set<string>();

async function choose(chosen: User): Promise<void> {
  user = chosen;
  client = await CaleClient.load({ edge: EDGE, account: user, store, fetch });
  const account = await store.get({ edge: EDGE, name: user });
  byId('guid').textContent = account?.guid ?? '';
  byId('revoked').hidden = !revoked.has(account?.guid ?? '');
  byId('account').hidden = account === undefined;
  byId('exported').textContent = '';
  byId('do-register').textContent = `Register ${account === undefined ? 'as' : 'again as'} ${user}`;
  const radio = document.querySelector<HTMLInputElement>(`input[value="${user}"]`);
  if (radio) radio.checked = true;
}

/** The user who registered last in this browser, if any did. */
async function lastUser(): Promise<User> {
  const accounts = (await store.list()).filter(({ edge }) => edge === EDGE);
  const last = accounts.toSorted((a, b) => b.registeredAt - a.registeredAt)[0];
  return USERS.find((name) => name === last?.name) ?? 'alice';
}

async function register(): Promise<void> {
  const registering = user;
  await perform(
    registering,
    REGISTRATION_PATH,
    () => REGISTRATION,
    async () => {
      const options = { edge: EDGE, account: registering, subject: 'a browser', store, fetch };
      await CaleClient.register({ ...options, authorization: basicOf(registering) });
      await choose(registering);
      return element('p', '', 'The GUID: ', element('code', '', byId('guid').textContent ?? ''));
    },
  );
}

async function ask(path: string): Promise<CaleError | undefined> {
  const asking = client ?? askToRegister();
  return perform(
    user,
    path,
    (isReadable) => (isReadable ? answered : deceived)(path),
    async () => (path === '/whoami' ? whoamiView(await asking.whoami()) : responseView(await asking.fetch(path))),
  );
}

/** A write, which the client signs by itself. */
async function write(): Promise<CaleError | undefined> {
  const writing = client ?? askToRegister();
  const init = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'Remember the milk.' };
  return perform(
    user,
    '/echo',
    (isReadable) => (isReadable ? WRITTEN : deceived('/echo', 'POST')),
    async () => responseView(await writing.fetch('/echo', init)),
  );
}

/** A request that only the origin reads. */
async function askSealed(): Promise<CaleError | undefined> {
  const asking = client ?? askToRegister();
  return perform(
    user,
    SEALED_PATH,
    (isReadable) => (isReadable ? SEALED : deceived(SEALED_PATH, 'POST')),
    async () => responseView(await asking.fetch('/resource', { seal: true })),
  );
}

async function revoke(): Promise<void> {
  if (client === undefined) askToRegister();
  const [revoking, guid] = [user, byId('guid').textContent ?? ''];
  const headers = { Authorization: ADMINISTRATOR };
  const response = await globalThis.fetch(`/admin/credentials/${guid}`, { method: 'DELETE', headers });
  if (!response.ok) throw new Error(`The edge refused to revoke (${response.status}).`);
  revoked.add(guid);
  await choose(revoking);
  const error = await ask('/resource');
  if (error?.code === 'unreadable')
    say(`${revoking}’s GUID is revoked: what came back is a decoy, and no key opens it.`);
}

/** @throws {Error} that says what is missing, with the step at hand at which it is made. */
function askToRegister(): never {
  showStep('register');
  byId('do-register').focus();
  throw new Error(`${user} has no key here yet: register first.`);
}

/** Shows what the browser says to whoever wants the key, this page included. */
async function tryToExport(): Promise<void> {
  const account = await store.get({ edge: EDGE, name: user });
  const key = account?.key.key as CryptoKey;
  byId('exported').textContent = await crypto.subtle.exportKey('pkcs8', key).then(
    () => 'The key came out.',
    (error: Error) => `The browser refuses: ${error.name}: ${error.message}.`,
  );
}

async function forget(): Promise<void> {
  const isRevoked = revoked.has(byId('guid').textContent ?? '');
  await client?.forget();
  await choose(user);
  clearStage();
  say(`${user}’s key is gone${isRevoked ? '.' : ', and the credential of no use to anybody.'}`);
}

function showStep(step: string): void {
  for (const name of STEPS) {
    byId(name).hidden = name !== step;
    const button = document.querySelector(`[data-step="${name}"]`);
    if (name === step) button?.setAttribute('aria-current', 'step');
    else button?.removeAttribute('aria-current');
  }
  // It would give the decoy away.
  byId('stage').hidden = step === 'decoy';
  if (!isBusy) clearStage();
  history.replaceState(null, '', `#${step}`);
}

/** One thing at a time; the buttons stay in reach of the keyboard meanwhile. */
async function run(work: () => unknown): Promise<void> {
  if (isBusy) return;
  setBusy(true);
  try {
    await work();
  } catch (error) {
    complain(error);
  } finally {
    setBusy(false);
  }
}

const complain = (error: unknown): void => say(messageOf(error));

/** The stage is not in sight then. */
function complainOfDeal(error: unknown): void {
  byId('verdict').textContent = messageOf(error);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function setBusy(busy: boolean): void {
  isBusy = busy;
  for (const button of document.querySelectorAll('main button')) button.setAttribute('aria-disabled', String(busy));
}

const onClick = (id: string, work: () => unknown) => byId(id).addEventListener('click', () => run(work));

onClick('do-register', register);
onClick('do-export', tryToExport);
onClick('do-forget', forget);
onClick('do-deal', () => deal().catch(complainOfDeal));
onClick('do-revoke', revoke);
onClick('do-write', write);
onClick('do-seal', askSealed);
for (const question of document.querySelectorAll<HTMLElement>('[data-path]')) {
  question.addEventListener('click', () => run(() => ask(question.dataset['path'] ?? '/')));
}
for (const button of document.querySelectorAll<HTMLElement>('[data-step]')) {
  button.addEventListener('click', () => showStep(button.dataset['step'] ?? 'register'));
}
for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="user"]')) {
  radio.addEventListener('change', () => {
    if (!isBusy) clearStage();
    choose(radio.value as User).catch(complain);
  });
}

drawParties();
showStep(STEPS.find((step) => `#${step}` === location.hash) ?? 'register');
await lastUser().then(choose).catch(complain);
