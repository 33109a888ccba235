/**
 * Parameters that several operations have. `Accept` is none of them: OpenAPI has it in the media types of the answers.
 */

import { CALE_ACCEPT, CALE_NONCE } from '../../../shared/protocol/headers.ts';
import { BINARY_HTTP_TYPE } from '../../../shared/protocol/media-types.ts';

const NONCE_FORM = '^[0-9]+\\.[A-Za-z0-9_-]{22}$';

export const PARAMETERS = {
  Nonce: {
    name: CALE_NONCE,
    in: 'header',
    description: 'Names the request: unix seconds, a dot, and 22 characters of base64url. The answer repeats it.',
    schema: { type: 'string', pattern: NONCE_FORM },
    example: '1795614336.tTS6sR8JCijfaO4VZAnjfg',
  },
  CaleAccept: {
    name: CALE_ACCEPT,
    in: 'header',
    description: 'Asks for the whole answer, with status and header fields, as Binary HTTP (RFC 9292).',
    schema: { enum: [BINARY_HTTP_TYPE] },
  },
  Cursor: { name: 'cursor', in: 'query', description: 'Of the page before.', schema: { type: 'string' } },
  CredentialId: { name: 'id', in: 'path', required: true, description: 'Of a list.', schema: { type: 'string' } },
  Guid: { name: 'guid', in: 'path', required: true, description: 'Of a credential.', schema: { type: 'string' } },
  Owner: { name: 'owner', in: 'query', description: 'Credentials of this owner.', schema: { type: 'string' } },
  Device: {
    name: 'device',
    in: 'query',
    description: 'Credentials of this device: the whole text, such as `CN=my laptop`.',
    schema: { type: 'string' },
  },
  Before: {
    name: 'before',
    in: 'query',
    description: 'Credentials that were registered before this time.',
    schema: { type: 'string', format: 'date-time' },
  },
  UnusedSince: {
    name: 'unusedSince',
    in: 'query',
    description:
      'Credentials that were not used since this time; those that were never used count by their registration.',
    schema: { type: 'string', format: 'date-time' },
  },
} as const;

export const parametersOf = (...names: readonly (keyof typeof PARAMETERS)[]): { readonly $ref: string }[] =>
  names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
