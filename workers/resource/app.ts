/** The resource server of draft B.2.5: houses the data and answers the origin in the clear, for good certificates alone. */

import { Hono } from 'hono';
import { type CaleEnv, cale } from '../../shared/origin/cale.ts';

/** @throws {TypeError} when `authorities` is not a list of certificates of authorities. */
export function resource(authorities: string): Hono<CaleEnv> {
  const app = new Hono<CaleEnv>();
  app.use(cale({ authorities }));
  app.get('/aggregate', (c) => c.json({ foo: 'bar' }));
  return app;
}
