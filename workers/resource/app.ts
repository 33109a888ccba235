/** The resource server of draft B.2.5: houses the data and answers the origin in the clear, only to good certificates. */

import { Hono } from 'hono';
import { type CaleEnv, cale } from '../../origin/hono.ts';

/** @throws {EncodingError} when `authorities` is not a list of certificates of authorities. */
export function createResource(authorities: string): Hono<CaleEnv> {
  const app = new Hono<CaleEnv>();
  app.use(cale({ authorities, answers: 'clear' }));
  app.get('/aggregate', (c) => c.json({ foo: 'bar' }));
  return app;
}
