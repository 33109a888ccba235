/** What the vectors have in common: the edge, nonces, and the time of both. */

import type { RequestMessage } from '../../../shared/protocol/http-signature.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import type { AnsweredRequest } from './schema.ts';

/** Origin of the edge. */
export const EDGE = 'https://api.example.com';
export const ORGANIZATION = 'example.com';

/** The time of the nonces, in Unix seconds. */
export const NOW_SECONDS = 1_795_614_336;

export const NONCE = `${NOW_SECONDS}.tTS6sR8JCijfaO4VZAnjfg` as Nonce;
export const OTHER_NONCE = `${NOW_SECONDS + 1}.wcD5iwS7Ixhqs1ahzYAdmg` as Nonce;

/** The request as the signature of its answer covers it. */
export const messageOf = ({ method, targetUri, nonce, key }: AnsweredRequest): RequestMessage => ({
  method,
  targetUri,
  fields: [
    ['cale-nonce', nonce],
    ['cale-key', key],
  ],
});
