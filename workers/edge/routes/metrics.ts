import type { Handler } from 'hono';
import { joinMetrics, PROMETHEUS_TYPE, type RequestCounts } from '../../../shared/protocol/request-counts.ts';
import type { EdgeContext } from '../context.ts';

/**
 * `GET /admin/metrics`: the counts of one isolate of the edge and of one of the authority, as Prometheus reads them.
 * @param passOn the administration's own handler, which asks for the token, and has the authority's counts.
 */
export function metrics(counts: RequestCounts, passOn: Handler<EdgeContext>): Handler<EdgeContext> {
  return async (c, next) => {
    const answer = (await passOn(c, next)) as Response;
    if (!answer.ok) return answer;
    return c.body(joinMetrics([counts.text(), await answer.text()]), 200, { 'Content-Type': PROMETHEUS_TYPE });
  };
}
