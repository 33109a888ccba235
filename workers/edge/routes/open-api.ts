import type { Handler } from 'hono';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { fetchUpstream } from '../upstream.ts';

/**
 * `GET /.well-known/cale/openapi.json`: the description of this interface. The authority has it, since its size would be felt
 * here: an edge starts wherever a request comes in.
 */
export function openApi({ authority }: EdgeConfig): Handler<EdgeContext> {
  return async ({ env: { trace } }) => {
    const request = new Request('https://authority/openapi');
    const { status, body } = await fetchUpstream('authority', authority, request, trace);
    if (status !== 200) return problemResponse('not-found');
    return new Response(body, { headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' } });
  };
}
