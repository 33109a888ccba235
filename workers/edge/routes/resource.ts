import type { Handler } from 'hono';
import { isSafeMethod } from '../../../shared/protocol/signed-request.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { forward } from './forward.ts';

/** Every other path, the standard request (draft 4.2). Fails when authority or origin do not do their part. */
export function resource(config: EdgeConfig): Handler<EdgeContext> {
  return (c) => forward(config, c, config.unsafeMethods === 'signed' && !isSafeMethod(c.req.method));
}
