/** The stage: one exchange as everybody in between sees it, beside its answer as the holder of the key reads it. */

import { CaleError } from '../../client/errors.ts';
import { bytesInRow } from './dump.ts';
import { byId } from './elements.ts';
import { type Exchange, type Tap, tappedFetch } from './exchange.ts';
import type { Hop } from './hops.ts';
import { drawHops, light } from './sequence.ts';
import type { User } from './users.ts';
import { errorView, wireView } from './views.ts';

/** One exchange that is to be shown. */
export interface Scene {
  /** The user whose key it is. */
  readonly reader: User;
  /** Of the right side. */
  readonly title: string;
  /** Path of the exchange on the network; the client has others beside it. */
  readonly path: string;
  /** The messages behind it, which a browser cannot see. */
  readonly hops: (isReadable: boolean) => readonly Hop[];
  /** Does it. @returns what the reader sees. */
  readonly work: () => Promise<HTMLElement>;
  /** Changes the request on its way. */
  readonly change?: NonNullable<Tap['change']>;
}

export interface Outcome {
  /** Undefined when it did not come to the exchange. */
  readonly exchange: Exchange | undefined;
  /** Undefined when the answer was read. */
  readonly error: CaleError | undefined;
}

/** The exchange that is shown or going on, and whose answer it is. */
let shown: { readonly scene: Scene; exchange?: Exchange } | undefined;

/** Bytes in a row of the left side. */
let inRow = 0;

/** The clients' function for the network. */
export const fetch = tappedFetch({
  record(exchange) {
    // Of what goes on besides, a refusal is what is to be seen.
    if (shown !== undefined && (isShown(exchange.path) || exchange.status !== 200)) shown.exchange = exchange;
  },
  change: (request) => (isShown(new URL(request.url).pathname) ? (shown?.scene.change?.(request) ?? request) : request),
});

const isShown = (path: string): boolean => path.replace(/\?.*/, '') === shown?.scene.path.replace(/\?.*/, '');

/** @returns the answer that is shown, when it is to this user. */
export const answerTo = (user: User): Exchange | undefined =>
  shown?.scene.reader === user && shown.exchange?.status === 200 ? shown.exchange : undefined;

/** Shows one exchange: nothing of it is kept from the left side, nothing is added to the right one. */
export async function perform(scene: Scene): Promise<Outcome> {
  clearStage();
  shown = { scene };
  say('On its way …');
  const { view, error } = await outcomeOf(scene.work);
  const { exchange } = shown;
  drawWire();
  if (exchange?.status === 200) {
    drawHops(scene.hops(error?.code !== 'unreadable'));
    void light();
  }
  showReader(scene.title, view);
  if (error !== undefined) say(error.message);
  return { exchange, error };
}

/** Nothing has been said yet. */
export function clearStage(): void {
  shown = undefined;
  for (const id of ['hops', 'wire', 'clear']) byId(id).replaceChildren();
  say('');
}

/** Draws the left side, with as many bytes in a row as there is room for. */
function drawWire(): void {
  if (shown?.exchange === undefined) return;
  inRow = bytesInRow(byId('wire'));
  byId('wire').replaceChildren(wireView(shown.exchange, inRow));
}

/** Draws the left side again when there is another width for it. */
export function fitWire(): void {
  if (bytesInRow(byId('wire')) !== inRow) drawWire();
}

/** Draws the right side. */
export function showReader(title: string, view: HTMLElement): void {
  byId('clear-title').textContent = title;
  byId('clear').replaceChildren(view);
}

async function outcomeOf(work: () => Promise<HTMLElement>): Promise<{ view: HTMLElement; error?: CaleError }> {
  try {
    return { view: await work() };
  } catch (error) {
    if (error instanceof CaleError) return { view: errorView(error), error };
    throw error;
  }
}

/** Says how it goes, below the two sides. */
export function say(text: string): void {
  byId('status').textContent = text;
}

/** Scrolls to the two sides, unless their beginning is in sight. */
export function showStage(): void {
  const { top } = byId('stage').getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) byId('stage').scrollIntoView();
}
