import type { Handler } from 'hono';
import { CMS_TYPE, mediaTypeOf } from '../../../shared/protocol/media-types.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { forward } from './forward.ts';

const NONCE_MISSING = 'A sealed request needs a CALE-Nonce, and the same one inside: docs/protocol/sealed-requests.md.';

/**
 * `POST /.well-known/cale/sealed`: a request that only the origin can open. Its nonce is admitted, and the body handed on
 * as it is. Fails when authority or origin do not do their part.
 */
export function sealed(config: EdgeConfig): Handler<EdgeContext> {
  return async (c) => {
    if (c.var.nonce === undefined) return problemResponse('secondary-proof-required', {}, { detail: NONCE_MISSING });
    if (mediaTypeOf(c.req.header('Content-Type') ?? null) !== CMS_TYPE) {
      return problemResponse('media-type-not-supported', { Accept: CMS_TYPE });
    }
    return forward(config, c, true);
  };
}
