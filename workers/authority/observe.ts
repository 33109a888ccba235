/** The line of the log for each request at the authority: the same work for known and unknown GUIDs. */

import { waitUntil } from 'cloudflare:workers';
import { CALE_GUID } from '../../shared/protocol/headers.ts';
import { withRequestId } from '../../shared/protocol/problem.ts';
import type { RequestCounts } from '../../shared/protocol/request-counts.ts';
import { requestIdOf } from '../../shared/protocol/request-id.ts';
import { isLogged, logRequest, RequestTrace } from '../../shared/protocol/request-trace.ts';
import type { LogNames } from './log-names.ts';

interface RequestLog {
  /** Percent of the requests that were answered, of which a line is written. */
  readonly samplePercent: number;
  readonly names: LogNames;
  readonly counts: RequestCounts;
}

/** Has a request handled, and writes its line when the answer is made, so that no answer waits for it. */
export async function observe(
  request: Request,
  log: RequestLog,
  handle: (trace: RequestTrace) => Response | Promise<Response>,
): Promise<Response> {
  const trace = new RequestTrace(requestIdOf(request.headers));
  const { answer, reason } = await withRequestId(await handle(trace), trace.requestId);
  trace.reason ??= reason;
  waitUntil(writeLine(request, answer.status, log, trace));
  return answer;
}

async function writeLine(
  { url, method, headers }: Request,
  status: number,
  { samplePercent, names, counts }: RequestLog,
  trace: RequestTrace,
): Promise<void> {
  const line = trace.line(routeOf(new URL(url).pathname), method, status);
  counts.add(line);
  if (!isLogged(line, samplePercent)) return;
  const guid = headers.get(CALE_GUID);
  logRequest('authority', guid === null ? line : { ...line, guid: await names.nameOf('guid', guid) });
}

const ROUTES = ['registration', 'validate', 'whoami', 'certificates', 'credentials', 'admin'];

/** @returns the first part of a path, which names its route; what follows can be a GUID. */
function routeOf(pathname: string): string {
  const [, first = ''] = pathname.split('/');
  return ROUTES.includes(first) ? first : 'none';
}
