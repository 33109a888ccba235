/** The bare hops with all their Workers in one workerd. */

import { durableObjects, service, texts } from '../../test/support/serving/bindings.ts';
import { type Served, serve } from '../../test/support/serving/workerd.ts';
import type { ClientKeyType } from '../parties/client.ts';
import type { BareEnv, Role } from './roles.ts';

const CONFIG = 'bench/chain/wrangler.toml';

/** Sizes of the messages in the product's chain, in bytes, which the bare hops take over. */
export interface MessageLengths {
  readonly certificate: number;
  readonly template: number;
  readonly content: number;
  readonly answer: number;
}

/** @param calls `crypto` for the WebCrypto calls that the hops cannot do without. */
export function serveBare(
  keyType: ClientKeyType,
  { certificate, template, content, answer }: MessageLengths,
  calls: BareEnv['CALLS'],
  signatures: BareEnv['SIGNATURES'],
): Promise<Served> {
  const variables = {
    CALLS: calls,
    SIGNATURES: signatures,
    KEY_TYPE: keyType,
    CERTIFICATE_LENGTH: String(certificate),
    TEMPLATE_LENGTH: String(template),
    CONTENT_LENGTH: String(content),
    ANSWER_LENGTH: String(answer),
  };
  const worker = (role: Role, ...bindings: string[]) => ({
    name: role,
    config: CONFIG,
    bindings: [...texts({ ...variables, ROLE: role }), ...bindings],
  });
  return serve([
    worker('edge', service('AUTHORITY', 'authority'), service('ORIGIN', 'origin')),
    { ...worker('authority', durableObjects('SHARDS', 'BareShard')), durableObjects: ['BareShard'] },
    worker('origin', service('RESOURCE', 'resource')),
    worker('resource'),
  ]);
}
