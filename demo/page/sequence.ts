/** The drawn sequence: one column for each party, one arrow for each hop, lit up one after the other. */

import { byId, element } from './elements.ts';
import { type Hop, PARTIES, type Party } from './hops.ts';

/** Milliseconds that each hop has to itself. */
const PACE = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250;

/** Draws only the parties. */
export function drawParties(): void {
  byId('parties').replaceChildren(...PARTIES.map((party) => element('li', '', party)));
}

/** Draws the hops, none of them lit. */
export function drawHops(hops: readonly Hop[]): void {
  byId('hops').replaceChildren(...hops.map(drawHop));
  lightParties([]);
}

/** Lights the hops up one after the other, at a pace that can be followed; ends when others are drawn. */
export async function light(): Promise<void> {
  const hops = [...byId('hops').children] as HTMLElement[];
  for (const hop of hops) {
    if (!hop.isConnected) return;
    hop.classList.add('lit');
    lightParties([hop.dataset['from'], hop.dataset['to']]);
    if (PACE > 0) await new Promise((resolve) => setTimeout(resolve, PACE));
  }
  if (hops[0]?.isConnected) lightParties([]);
}

function lightParties(parties: readonly (string | undefined)[]): void {
  for (const party of byId('parties').children) party.classList.toggle('lit', parties.includes(party.textContent));
}

function drawHop({ from, to, says, carries, answer }: Hop): HTMLElement {
  const [left, right] = [columnOf(from), columnOf(to)].toSorted((a, b) => a - b) as [number, number];
  const arrow = element('span', 'arrow');
  arrow.dataset['towards'] = columnOf(from) < columnOf(to) ? 'right' : 'left';
  const way = element('span', 'unseen', `${from} to ${to}: `);
  const text = element('p', '', way, element('code', '', says), ': ', element(answer ? 'b' : 'span', '', carries));
  const hop = element('li', `hop ${answer ?? ''} ${left > PARTIES.length / 2 ? 'late' : ''}`, text, arrow);
  hop.style.setProperty('--left', String(left));
  hop.style.setProperty('--right', String(right));
  hop.style.setProperty('--span', String(right + 1 - left));
  hop.dataset['from'] = from;
  hop.dataset['to'] = to;
  return hop;
}

/** From 1. */
const columnOf = (party: Party): number => PARTIES.indexOf(party) + 1;
