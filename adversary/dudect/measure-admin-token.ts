/** The administrator's token: does the time of a refusal depend on how much of it was guessed? */

import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import type { EdgeConfig } from '../../workers/edge/config.ts';
import { admin } from '../../workers/edge/routes/admin.ts';
import type { Row } from '../judging/row.ts';
import { compareTimes } from './compare-times.ts';

const COUNT = 20_000;

/** In Node, whose clock runs: the route asks for nothing else before it has compared. */
export function measureAdminToken(): Promise<Row> {
  const token = randomBytes(32).toString('hex');
  const app = new Hono().all('*', admin({ organization: 'example.com' } as EdgeConfig, token));
  const refused = async (guess: string) => {
    const headers = { Authorization: `Bearer ${guess}` };
    const request = new Request('https://edge/admin/credentials', { headers });
    const start = process.hrtime.bigint();
    const { status } = await app.fetch(request);
    const time = Number(process.hrtime.bigint() - start) / 1000;
    if (status !== 401) throw new Error(`a wrong token was answered with ${status}`);
    return time;
  };
  const near = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
  return compareTimes('dudect-admin-token', COUNT, {
    near: () => refused(near),
    far: () => refused(randomBytes(32).toString('hex')),
  });
}
