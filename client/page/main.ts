/** The demo's page: a tour of registration, standard request, decoy and revocation, with a real key. */

import { CaleClient } from '../client.ts';
import { CaleError } from '../errors.ts';
import { IndexedDbKeyStore } from '../stores/indexed-db.ts';
import { byId, element } from './elements.ts';
import { type Exchange, tappedFetch } from './exchange.ts';
import { deal } from './guess.ts';
import { answered, deceived, type Hop, REGISTRATION } from './hops.ts';
import { drawHops, drawParties, light } from './sequence.ts';
import { ADMINISTRATOR, basicOf, USERS, type User } from './users.ts';
import { errorView, responseView, whoamiView, wireView } from './views.ts';

const EDGE = location.origin;
const STEPS = ['register', 'ask', 'decoy', 'revoke'];

const store = new IndexedDbKeyStore();
let exchange: Exchange | undefined;
const fetch = tappedFetch((seen) => {
  exchange = seen;
});

/** The account of the user who is chosen. */
let user: User = 'alice';
let client: CaleClient | undefined;

async function choose(chosen: User): Promise<void> {
  user = chosen;
  client = await CaleClient.load({ edge: EDGE, account: user, store, fetch });
  const account = await store.get({ edge: EDGE, name: user });
  byId('guid').textContent = account?.guid ?? '';
  byId('account').hidden = account === undefined;
  byId('exported').textContent = '';
  byId('do-register').textContent = `Register ${account === undefined ? 'as' : 'anew as'} ${user}`;
  const radio = document.querySelector<HTMLInputElement>(`input[value="${user}"]`);
  if (radio) radio.checked = true;
}

/** The user who registered last in this browser, if any did. */
async function lastUser(): Promise<User> {
  const accounts = (await store.list()).filter(({ edge }) => edge === EDGE);
  const last = accounts.toSorted((a, b) => b.registeredAt - a.registeredAt)[0];
  return USERS.find((name) => name === last?.name) ?? 'alice';
}

/**
 * One exchange on the stage: the hops light up, then the wire-tapper's side fills, then the reader's.
 * @param reader whose key it is; another user may be chosen meanwhile.
 */
async function perform(
  reader: User,
  hopsOf: (isReadable: boolean) => readonly Hop[],
  work: () => Promise<HTMLElement>,
): Promise<void> {
  exchange = undefined;
  byId('wire').replaceChildren();
  byId('clear').replaceChildren();
  drawHops(hopsOf(true));
  say('On its way …');
  const [outcome] = await Promise.all([outcomeOf(work), light(1)]);
  // Handled by arrow functions above, which the compiler does not follow.
  const seen = exchange as Exchange | undefined;
  if (seen?.status === 200) {
    if (outcome.error?.code === 'unreadable') drawHops(hopsOf(false));
    await light(-1);
    byId('wire').replaceChildren(wireView(seen));
    await light();
  }
  byId('clear').replaceChildren(outcome.view);
  say(outcome.error?.message ?? `${reader}’s key has opened the answer.`);
}

async function outcomeOf(work: () => Promise<HTMLElement>): Promise<{ view: HTMLElement; error?: CaleError }> {
  try {
    return { view: await work() };
  } catch (error) {
    if (error instanceof CaleError) return { view: errorView(error), error };
    throw error;
  }
}

function register(): Promise<void> {
  const registering = user;
  return perform(
    registering,
    () => REGISTRATION,
    async () => {
      const options = { edge: EDGE, account: registering, subject: 'a browser', store, fetch };
      await CaleClient.register({ ...options, authorization: basicOf(registering) });
      await choose(registering);
      return element('p', '', 'The GUID: ', element('code', '', byId('guid').textContent ?? ''));
    },
  );
}

async function ask(path: string): Promise<void> {
  const asking = client;
  if (asking === undefined) return say(`${user} has not registered yet.`);
  return perform(
    user,
    (isReadable) => (isReadable ? answered : deceived)(path),
    async () => (path === '/whoami' ? whoamiView(await asking.whoami()) : responseView(await asking.fetch(path))),
  );
}

async function revoke(): Promise<void> {
  if (client === undefined) return say(`${user} has not registered yet.`);
  const path = `/admin/credentials/${byId('guid').textContent}`;
  const response = await globalThis.fetch(path, { method: 'DELETE', headers: { Authorization: ADMINISTRATOR } });
  if (!response.ok) return say(`The edge refused to revoke (${response.status}).`);
  return ask('/resource');
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
  await client?.forget();
  await choose(user);
  say(`${user}’s key is gone. The credential is there until it is revoked, and of no use to anybody.`);
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
  history.replaceState(null, '', `#${step}`);
}

function say(text: string): void {
  byId('status').textContent = text;
}

let isBusy = false;

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

const complain = (error: unknown): void => say(error instanceof CaleError ? error.message : String(error));

function setBusy(busy: boolean): void {
  isBusy = busy;
  for (const button of document.querySelectorAll('main button')) button.setAttribute('aria-disabled', String(busy));
}

const onClick = (id: string, work: () => unknown) => byId(id).addEventListener('click', () => run(work));

onClick('do-register', register);
onClick('do-export', tryToExport);
onClick('do-forget', forget);
onClick('do-deal', deal);
onClick('do-revoke', revoke);
for (const question of document.querySelectorAll<HTMLElement>('[data-path]')) {
  question.addEventListener('click', () => run(() => ask(question.dataset['path'] ?? '/')));
}
for (const button of document.querySelectorAll<HTMLElement>('[data-step]')) {
  button.addEventListener('click', () => showStep(button.dataset['step'] ?? 'register'));
}
for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="user"]')) {
  radio.addEventListener('change', () => choose(radio.value as User).catch(complain));
}

drawParties();
showStep(STEPS.find((step) => `#${step}` === location.hash) ?? 'register');
await lastUser().then(choose).catch(complain);
