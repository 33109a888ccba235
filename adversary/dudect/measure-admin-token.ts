/** The administrator's token: does the time of a refusal depend on how much of it was guessed? */

import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { admin } from '../../workers/edge/routes/admin.ts';
import type { Row } from '../judging/row.ts';
import { compareTimes } from './compare-times.ts';

const COUNT = 20_000;
const TOKEN_BYTES = 32;

/** In Node, whose clock runs: the route asks for nothing else before it has compared. */
export function measureAdminToken(): Promise<Row> {
  const token = randomBytes(TOKEN_BYTES);
  const adminTokens = [{ name: 'administrator', token: token.toString('hex') }];
  const administrators = { organization: 'example.com', adminTokens, administratorProof: undefined };
  const app = new Hono().all('*', admin(administrators, { fetch: () => new Response() }));
  const refused = async (guess: string) => {
    const headers = { Authorization: `Bearer ${guess}` };
    const request = new Request('https://edge/admin/credentials', { headers });
    const start = process.hrtime.bigint();
    const { status } = await app.fetch(request);
    const time = Number(process.hrtime.bigint() - start) / 1000;
    if (status !== 401) throw new Error(`a wrong token was answered with ${status}`);
    return time;
  };
  const guesses = {
    near: () => spoil(token),
    far: () => spoil(randomBytes(TOKEN_BYTES)),
  };
  return compareTimes('dudect-admin-token', COUNT, guesses, refused);
}

/** @returns the token with another last byte, as a new text. */
function spoil(token: Uint8Array): string {
  const guess = Buffer.from(token);
  guess[TOKEN_BYTES - 1] = ((guess[TOKEN_BYTES - 1] ?? 0) + 1 + Math.floor(Math.random() * 255)) % 256;
  return guess.toString('hex');
}
