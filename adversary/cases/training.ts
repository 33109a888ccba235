/** Real traffic before anything is measured, as a deployment in use has it. */

import { Connection } from '../observing/exchange.ts';
import type { Client } from '../population/clients.ts';
import { inTurns } from '../population/in-turns.ts';
import { shuffle } from '../statistics/random.ts';
import type { Form } from './forms.ts';
import { type Facts, ROUTES, type Route } from './routes.ts';

const CONNECTIONS = 8;

/**
 * Each of the clients asks on each route in each form, once.
 * @throws {Error} when one is not answered.
 */
export async function train(
  facts: Facts,
  clients: readonly Client[],
  routes: readonly Route[] = ROUTES,
  onlyForms?: readonly Form[],
): Promise<void> {
  const requests = routes.flatMap((route) =>
    route.forms
      .filter((form) => onlyForms?.includes(form) ?? true)
      .flatMap((form) => clients.map((client) => ({ route, form, client }))),
  );
  const connections = Array.from({ length: CONNECTIONS }, () => new Connection(facts.url));
  await inTurns(CONNECTIONS, shuffle(requests), async ({ route, form, client }, at) => {
    const answer = await connections[at]?.send(await route.realMessage(client, form, facts));
    if (answer?.status !== 200) throw new Error(`a real request for ${route.name} was answered ${answer?.status}`);
  });
  for (const connection of connections) connection.close();
}
