/** What can be asked without a credential. */

import { OPENAPI_PATH, REGISTRATION_PATH, WELL_KNOWN_PATH } from '../../../../shared/protocol/endpoints.ts';
import { CSR_TYPE } from '../../../../shared/protocol/media-types.ts';
import { parametersOf } from '../parameters.ts';
import { CSR_FAULTS, EDGE, GET, json, refusals, sealed } from '../responses.ts';
import { schemaRef } from '../schema.ts';

const OPENAPI = { type: 'object', required: ['openapi', 'info', 'paths'], additionalProperties: true };

export const PUBLIC_PATHS = {
  [WELL_KNOWN_PATH]: {
    get: {
      operationId: 'getWellKnown',
      tags: ['Public'],
      summary: 'The facts that a client needs before it registers',
      security: [],
      responses: { 200: json('WellKnown', 'The facts.'), ...refusals(...GET) },
    },
  },
  [OPENAPI_PATH]: {
    get: {
      operationId: 'getOpenApi',
      tags: ['Public'],
      summary: 'This document',
      security: [],
      responses: {
        200: { description: 'This document.', content: { 'application/json': { schema: OPENAPI } } },
        ...refusals('not-found', ...GET),
      },
    },
  },
  [REGISTRATION_PATH]: {
    post: {
      operationId: 'register',
      tags: ['Public'],
      summary: 'Registers a key, or renews a credential',
      description:
        'With a proof of identity in `Authorization`: a registration. Without one, and with `CALE-GUID`, `CALE-Nonce` and a ' +
        'signature by the registered key (RFC 9421): a renewal, for a new key with the same owner and scopes.',
      security: [{ basic: [] }, { bearer: [] }, { guid: [], signature: [] }],
      parameters: parametersOf('Nonce'),
      requestBody: {
        required: true,
        description: 'One CSR (RFC 2986) in DER, PEM or base64, of at most 16 KiB.',
        content: { [CSR_TYPE]: { schema: { description: 'The CSR.' } } },
      },
      responses: {
        200: sealed('The GUID.', { 'text/plain': { schema: schemaRef('Guid') } }),
        ...refusals(
          'cipher-not-accepted',
          'identity-not-representable',
          'nonce-malformed',
          ...CSR_FAULTS,
          'identity-required',
          'secondary-proof-required',
          'too-many-credentials',
          'media-type-not-supported',
          ...EDGE,
        ),
      },
    },
  },
};
