/** The stage: one exchange as the parties have it, as a wire-tapper sees it, and as the key's holder reads it. */

import { CaleError } from '../../client/errors.ts';
import { byId } from './elements.ts';
import { type Exchange, tappedFetch } from './exchange.ts';
import type { Hop } from './hops.ts';
import { drawHops, light } from './sequence.ts';
import type { User } from './users.ts';
import { errorView, wireView } from './views.ts';

let exchange: Exchange | undefined;
/** Path of the exchange that is shown; the client has others beside it. */
let shownPath = '';
/** The client's, seen by the wire-tapper. */
export const fetch = tappedFetch((seen) => {
  if (seen.path === shownPath) exchange = seen;
});

/** Nothing has been said yet. */
export function clearStage(): void {
  for (const id of ['hops', 'wire', 'clear']) byId(id).replaceChildren();
  say('');
}

/**
 * One exchange on the stage: the hops light up, then the wire-tapper's side fills, then the reader's.
 * @param reader whose key it is; another user may be chosen meanwhile.
 * @param path of the exchange on the network.
 * @returns the error that the exchange ended with, if it did.
 */
export async function perform(
  reader: User,
  path: string,
  hopsOf: (isReadable: boolean) => readonly Hop[],
  work: () => Promise<HTMLElement>,
): Promise<CaleError | undefined> {
  exchange = undefined;
  shownPath = path;
  clearStage();
  drawHops(hopsOf(true));
  say('On its way …');
  showInWindow('stage-title');
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
  showInWindow('clear-title');
  return outcome.error;
}

/** Scrolls there, unless it is in sight. */
function showInWindow(id: string): void {
  byId(id).scrollIntoView({ block: 'nearest' });
}

async function outcomeOf(work: () => Promise<HTMLElement>): Promise<{ view: HTMLElement; error?: CaleError }> {
  try {
    return { view: await work() };
  } catch (error) {
    if (error instanceof CaleError) return { view: errorView(error), error };
    throw error;
  }
}

/** Says how it goes, below the steps. */
export function say(text: string): void {
  byId('status').textContent = text;
}
