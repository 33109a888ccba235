/** The line of the log for each request at the edge, the same for known and unknown GUIDs. */

import {
  CREDENTIALS_PATH,
  OPENAPI_PATH,
  REGISTRATION_PATH,
  SEALED_PATH,
  WELL_KNOWN_PATH,
  WHOAMI_PATH,
} from '../../shared/protocol/endpoints.ts';
import { withRequestId } from '../../shared/protocol/problem.ts';
import type { RequestCounts } from '../../shared/protocol/request-counts.ts';
import { newRequestId } from '../../shared/protocol/request-id.ts';
import { isLogged, logRequest, RequestTrace } from '../../shared/protocol/request-trace.ts';

interface RequestLog {
  /** Percent of the requests that were answered, of which a line is written. */
  readonly samplePercent: number;
  readonly counts: RequestCounts;
}

/**
 * Gives a request its id, has it handled, and writes its line. Nothing that the client sent decides the id.
 * @returns the answer, not to be stored, nor changed on the way; a problem with the id as a member.
 */
export async function observe(
  request: Request,
  { samplePercent, counts }: RequestLog,
  handle: (trace: RequestTrace) => Response | Promise<Response>,
): Promise<Response> {
  const trace = new RequestTrace(newRequestId());
  const { answer, reason } = await withRequestId(await handle(trace), trace.requestId);
  trace.reason ??= reason;
  const route = routeOf(new URL(request.url).pathname);
  const isDocument = (route === 'well-known' || route === 'openapi') && answer.ok;
  if (!isDocument) answer.headers.set('Cache-Control', NOT_TO_BE_TOUCHED);
  const line = trace.line(route, request.method, answer.status);
  counts.add(line);
  if (isLogged(line, samplePercent)) logRequest('edge', line);
  return answer;
}

/**
 * `no-transform`, because Cloudflare's rules for compression would frame answers in another way. The documents, which hold
 * nothing of a client and are long, may be compressed.
 */
const NOT_TO_BE_TOUCHED = 'no-store, no-transform';

const ROUTES: Readonly<Record<string, string>> = {
  [REGISTRATION_PATH]: 'registration',
  [WHOAMI_PATH]: 'whoami',
  [CREDENTIALS_PATH]: 'credentials',
  [SEALED_PATH]: 'sealed',
  [WELL_KNOWN_PATH]: 'well-known',
  [OPENAPI_PATH]: 'openapi',
};

/** @returns the name of the route that a path belongs to. */
function routeOf(pathname: string): string {
  if (pathname.startsWith('/admin/')) return 'admin';
  if (pathname.startsWith(`${CREDENTIALS_PATH}/`)) return 'credentials';
  return (Object.hasOwn(ROUTES, pathname) && ROUTES[pathname]) || 'resource';
}
