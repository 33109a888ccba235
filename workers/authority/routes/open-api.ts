import type { Handler } from 'hono';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { AuthorityConfig } from '../config.ts';

/** `GET /openapi`: the description of the edge's interface, the same for every deployment. */
export function openApi({ openApi: text }: AuthorityConfig): Handler {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return (c) => (text === undefined ? problemResponse('not-found') : c.body(text, 200, headers));
}
