import type { Handler } from 'hono';
import { encodePem } from '../../../shared/encoding/pem.ts';
import { PEM_TYPE } from '../../../shared/protocol/media-types.ts';
import type { AuthorityConfig } from '../config.ts';

/** `GET /certificates`: the authority's own certificates in PEM, the one that issues first. */
export function certificates({ anchors }: AuthorityConfig): Handler {
  const chain = anchors.map(({ certificate }) => encodePem('CERTIFICATE', certificate)).join('');
  return (c) => c.body(chain, 200, { 'Content-Type': PEM_TYPE, 'Cache-Control': 'no-store' });
}
