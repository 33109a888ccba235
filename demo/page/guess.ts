/** The step of the decoy: two answers, one of them a decoy. */

import { CaleClient } from '../../client/client.ts';
import { CaleError } from '../../client/errors.ts';
import { MemoryKeyStore } from '../../client/stores/memory.ts';
import { bytesInRow } from './dump.ts';
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
 * @param onTold is called when the visitor has chosen.
 * @throws {CaleError} when the known one is not answered.
 */
export async function deal(onTold: () => void): Promise<void> {
  byId('verdict').textContent = '';
  byId('answers').replaceChildren();
  // A key and GUIDs of only this round: nothing that was seen before gives either away.
  let seen: Exchange | undefined;
  const fetch = tappedFetch({
    record(exchange) {
      seen = exchange;
    },
  });
  const store = new MemoryKeyStore();
  const options = { edge: EDGE, store, fetch };
  const known = await CaleClient.register({ ...options, authorization: basicOf('alice') });
  const account = await store.get({ edge: EDGE, name: 'default' });
  if (account === undefined) throw new TypeError('no account');
  await store.put({ ...account, name: 'unknown', guid: crypto.randomUUID() });
  const unknown = await CaleClient.load({ ...options, account: 'unknown' });

  const answers: Answer[] = [];
  for (const client of shuffled([known, unknown])) {
    const reading = await read(client);
    if (seen !== undefined) answers.push({ isDecoy: client === unknown, exchange: seen, reading });
  }
  byId('answers').replaceChildren(...answers.map((_, at) => answerView(at, answers, onTold)));
  for (const [at, place] of document.querySelectorAll<HTMLElement>('#answers .guess').entries()) {
    const exchange = answers[at]?.exchange;
    if (exchange !== undefined) place.append(wireView(exchange, bytesInRow(place)));
  }
  byId('verdict').textContent = 'Two answers are here. Which is the decoy?';
}

async function read(client: CaleClient | undefined): Promise<HTMLElement> {
  if (client === undefined) throw new TypeError('no client');
  try {
    return await responseView(await client.fetch('/resource'));
  } catch (error) {
    if (error instanceof CaleError && error.code === 'unreadable') return errorView(error);
    throw error;
  }
}

function shuffled<T>([first, second]: [T, T]): [T, T] {
  return randomByte() & 1 ? [first, second] : [second, first];
}

const randomByte = (): number => crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;

function answerView(at: number, answers: readonly Answer[], onTold: () => void): HTMLElement {
  const choose = element('button', '', 'This is the decoy');
  choose.setAttribute('type', 'button');
  const tell = () => {
    reveal(at, answers);
    onTold();
  };
  choose.addEventListener('click', tell, { once: true });
  return element(
    'article',
    'outside',
    element('h3', '', `Answer ${at + 1}`),
    element('p', 'actions', choose),
    element('div', 'guess'),
  );
}

function reveal(chosen: number, answers: readonly Answer[]): void {
  const isRight = answers[chosen]?.isDecoy === true;
  score.rounds += 1;
  score.right += isRight ? 1 : 0;
  const decoy = answers.findIndex(({ isDecoy }) => isDecoy) + 1;
  const tally = `${score.right} of ${score.rounds} so far; by guessing, one gets half of them.`;
  byId('verdict').textContent = `${isRight ? 'Right' : 'Wrong'}: answer ${decoy} is the decoy. ${tally}`;
  for (const [at, article] of [...byId('answers').children].entries()) {
    article.className = answers[at]?.isDecoy ? 'outside' : 'inside';
    article.querySelector('.actions')?.replaceWith(answers[at]?.reading ?? '');
  }
  byId('do-deal').focus();
}
