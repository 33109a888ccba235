/** The line of the log for each request at the edge, the same for known and unknown GUIDs. */

import {
  CREDENTIALS_PATH,
  REGISTRATION_PATH,
  SEALED_PATH,
  WELL_KNOWN_PATH,
  WHOAMI_PATH,
} from '../../shared/protocol/endpoints.ts';
import { withRequestId } from '../../shared/protocol/problem.ts';
import { newRequestId } from '../../shared/protocol/request-id.ts';
import { isLogged, logRequest, RequestTrace } from '../../shared/protocol/request-trace.ts';

/**
 * Gives a request its id, has it handled, and writes its line. Nothing that the client sent decides the id.
 * @param samplePercent of the requests that were answered, of which a line is written.
 * @returns the answer; a problem with the id as a member.
 */
export async function observe(
  request: Request,
  samplePercent: number,
  handle: (trace: RequestTrace) => Response | Promise<Response>,
): Promise<Response> {
  const trace = new RequestTrace(newRequestId());
  const { answer, reason } = await withRequestId(await handle(trace), trace.requestId);
  trace.reason ??= reason;
  const line = trace.line(routeOf(new URL(request.url).pathname), request.method, answer.status);
  if (isLogged(line, samplePercent)) logRequest('edge', line);
  return answer;
}

const ROUTES: Readonly<Record<string, string>> = {
  [REGISTRATION_PATH]: 'registration',
  [WHOAMI_PATH]: 'whoami',
  [CREDENTIALS_PATH]: 'credentials',
  [SEALED_PATH]: 'sealed',
  [WELL_KNOWN_PATH]: 'well-known',
};

/** @returns the name of the route that a path belongs to. */
function routeOf(pathname: string): string {
  if (pathname.startsWith('/admin/')) return 'admin';
  if (pathname.startsWith(`${CREDENTIALS_PATH}/`)) return 'credentials';
  return (Object.hasOwn(ROUTES, pathname) && ROUTES[pathname]) || 'resource';
}
