/** Real traffic before anything is measured, as a deployment in use has it. */

import { setTimeout } from 'node:timers/promises';
import { shuffle } from '../../test/support/statistics/random.ts';
import { Connection } from '../observing/exchange.ts';
import type { Client } from '../population/clients.ts';
import { inTurns } from '../population/in-turns.ts';
import type { Form } from './forms.ts';
import { type Facts, ROUTES, type Route } from './routes.ts';

const CONNECTIONS = 8;

/**
 * Each of the clients asks on each route in each of the forms, once.
 * @throws {Error} when one is not answered.
 */
export async function train(
  facts: Facts,
  clients: readonly Client[],
  formsOf: (route: Route) => Form | readonly Form[],
): Promise<void> {
  const requests = ROUTES.flatMap((route) =>
    [formsOf(route)].flat().flatMap((form: Form) => clients.map((client) => ({ route, form, client }))),
  );
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(facts.url));
  await inTurns(CONNECTIONS, shuffle(requests), async ({ route, form, client }, at) => {
    const answer = await connections[at]?.send(await route.realMessage(client, form, facts));
    if (answer?.status !== 200) throw new Error(`a real request for ${route.name} was answered ${answer?.status}`);
  });
  for (const connection of connections) connection.close();
}

const MINUTE_MS = 60_000;

/** Trains once in each of so many minutes of the clock. */
export async function trainForMinutes(minutes: number, trainOnce: () => Promise<void>): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    if (minute > 0) await setTimeout(MINUTE_MS - (Date.now() % MINUTE_MS));
    await trainOnce();
  }
}
