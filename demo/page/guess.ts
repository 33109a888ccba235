/** The second pane: two answers, one of them a decoy. */

import { CaleClient } from '../../client/client.ts';
import { CaleError } from '../../client/errors.ts';
import { MemoryKeyStore } from '../../client/stores/memory.ts';
import { KEY_TYPE_NAMES } from '../../shared/crypto/keys/key-types.ts';
import { byId, element } from './elements.ts';
import { type Exchange, tappedFetch } from './exchange.ts';
import { basicOf } from './users.ts';
import { errorView, responseView, wireView } from './views.ts';

interface Answer {
  readonly isDecoy: boolean;
  readonly exchange: Exchange;
  /** The outcome of opening it with the one key, to be shown afterwards. */
  readonly reading: HTMLElement;
}

const EDGE = location.origin;
const score = { right: 0, rounds: 0 };

/**
 * Asks with a known and with an unknown GUID, in no certain order, and lets the visitor choose.
 * @throws {CaleError} when the known one is not answered.
 */
export async function deal(): Promise<void> {
  byId('verdict').textContent = '';
  byId('answers').replaceChildren();
  // A key and GUIDs of only this round: nothing that was seen before gives either away.
  let seen: Exchange | undefined;
  const fetch = tappedFetch((exchange) => {
    seen = exchange;
  });
  const store = new MemoryKeyStore();
  const options = { edge: EDGE, store, fetch };
  // Real clients have keys of all types, and decoys pretend to.
  const key = KEY_TYPE_NAMES[randomByte() % KEY_TYPE_NAMES.length] ?? 'P-256';
  const known = await CaleClient.register({ ...options, key, authorization: basicOf('alice') });
  const account = await store.get({ edge: EDGE, name: 'default' });
  if (account === undefined) throw new TypeError('no account');
  await store.put({ ...account, name: 'unknown', guid: crypto.randomUUID() });
  const unknown = await CaleClient.load({ ...options, account: 'unknown' });

  const answers: Answer[] = [];
  for (const client of shuffled([known, unknown])) {
    const reading = await readNote(client);
    if (seen !== undefined) answers.push({ isDecoy: client === unknown, exchange: seen, reading });
  }
  byId('answers').replaceChildren(...answers.map((answer, at) => answerView(answer, at, answers)));
  byId('verdict').textContent = 'Two answers are here. Which is the decoy?';
}

async function readNote(client: CaleClient | undefined): Promise<HTMLElement> {
  if (client === undefined) throw new TypeError('no client');
  try {
    return await responseView(await client.fetch('/note'));
  } catch (error) {
    if (error instanceof CaleError && error.code === 'unreadable') return errorView(error);
    throw error;
  }
}

function shuffled<T>([first, second]: [T, T]): [T, T] {
  return randomByte() & 1 ? [first, second] : [second, first];
}

const randomByte = (): number => crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;

function answerView({ exchange }: Answer, at: number, answers: readonly Answer[]): HTMLElement {
  const choose = element('button', '', 'This is the decoy');
  choose.setAttribute('type', 'button');
  choose.addEventListener('click', () => reveal(at, answers), { once: true });
  return element(
    'article',
    '',
    element('h3', '', `Answer ${at + 1}`),
    element('p', 'actions', choose),
    wireView(exchange),
  );
}

function reveal(chosen: number, answers: readonly Answer[]): void {
  const isRight = answers[chosen]?.isDecoy === true;
  score.rounds += 1;
  score.right += isRight ? 1 : 0;
  const decoy = answers.findIndex(({ isDecoy }) => isDecoy) + 1;
  const tally = `${score.right} of ${score.rounds} so far; who can but guess gets half of them.`;
  byId('verdict').textContent = `${isRight ? 'Right' : 'Wrong'}: answer ${decoy} is the decoy. ${tally}`;
  for (const [at, article] of [...byId('answers').children].entries()) {
    article.querySelector('.actions')?.replaceWith(answers[at]?.reading ?? '');
  }
  byId('do-deal').focus();
}
