/** The resource server of draft B.2.5: houses the data and answers the origin in the clear, only to good certificates. */

import { Hono } from 'hono';
import { type CaleEnv, cale } from '../../origin/hono.ts';

/** The data of this demo: one balance an owner. */
const BALANCES: Readonly<Record<string, string>> = { alice: '1,284.50 EUR', bob: '17.20 EUR' };

/** @throws {EncodingError} when `authorities` is not a list of certificates of authorities. */
export function createResource(authorities: string): Hono<CaleEnv> {
  const app = new Hono<CaleEnv>();
  app.use(cale({ authorities, answers: 'clear' }));
  app.get('/aggregate', (c) => c.json({ foo: 'bar' }));
  app.get('/balance', (c) => c.json(BALANCES[c.var.client.owner] ?? '0.00 EUR'));
  return app;
}
