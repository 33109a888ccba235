import type { Handler } from 'hono';
import { isSafeMethod } from '../../../shared/protocol/signed-request.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import type { Decoys } from '../decoys/decoys.ts';
import { forward } from './forward.ts';

/** Every other path, the standard request (draft 4.2). Fails when authority or origin do not do their part. */
export function resource(config: EdgeConfig, decoys: Decoys): Handler<EdgeContext> {
  return (c) => forward(config, decoys, c, config.unsafeMethods === 'signed' && !isSafeMethod(c.req.method));
}
