import type { Handler } from 'hono';
import { PROMETHEUS_TYPE, type RequestCounts } from '../../../shared/protocol/request-counts.ts';

/** `GET /admin/metrics`: the counts of this isolate, to which the edge adds its own. */
export const metrics =
  (counts: RequestCounts): Handler =>
  (c) =>
    c.body(counts.text(), 200, { 'Content-Type': PROMETHEUS_TYPE, 'Cache-Control': 'no-store' });
