/** What clients ask with their GUID. */

import { CREDENTIALS_PATH, SEALED_PATH, WHOAMI_PATH } from '../../../../shared/protocol/endpoints.ts';
import { BINARY_HTTP_TYPE, CMS_TYPE } from '../../../../shared/protocol/media-types.ts';
import { parametersOf } from '../parameters.ts';
import { CLIENT, EDGE, GET, refusals, sealed } from '../responses.ts';
import { schemaRef } from '../schema.ts';

const SIGNED = [{ guid: [], signature: [] }];
const APPLICATION = sealed("The application's answer, or a problem of the origin.", {
  [BINARY_HTTP_TYPE]: { schema: { description: 'With `CALE-Accept: message/bhttp`: the whole answer.' } },
  '*/*': { schema: { description: "Otherwise: the answer's body." } },
  'application/problem+json': { schema: schemaRef('OriginProblem') },
});

const PATH_OF_API = {
  name: 'path',
  in: 'path',
  required: true,
  description: 'Any path that is not one of the others, with slashes in it, and any query.',
  schema: { type: 'string' },
};

const standard = (method: string) => ({
  operationId: `standard${method}`,
  tags: ['Client'],
  summary: `A ${method.toUpperCase()} of the application behind the edge`,
  security: [{ guid: [] }],
  parameters: parametersOf('Nonce', 'CaleAccept'),
  responses: { 200: APPLICATION, ...refusals(...CLIENT, ...GET) },
});

const write = (method: string) => ({
  operationId: `standard${method}`,
  tags: ['Client'],
  summary: `A ${method.toUpperCase()} of the application behind the edge, signed by the registered key`,
  description: 'The setting `UNSAFE_METHODS` of edge and origin can ask for no signature, or refuse these methods.',
  security: SIGNED,
  parameters: parametersOf('Nonce', 'CaleAccept'),
  requestBody: { content: { '*/*': { schema: {} } } },
  responses: { 200: APPLICATION, ...refusals(...CLIENT, 'secondary-proof-required', ...EDGE) },
});

export const CLIENT_PATHS = {
  [WHOAMI_PATH]: {
    get: {
      operationId: 'whoami',
      tags: ['Client'],
      summary: 'The identity that the authority has for this client',
      security: [{ guid: [] }],
      parameters: parametersOf('Nonce'),
      responses: {
        200: sealed('A certificate that has expired, and names the client.', {
          'application/x-pem-file': { schema: schemaRef('Certificate') },
        }),
        ...refusals(...CLIENT, ...GET),
      },
    },
  },
  [CREDENTIALS_PATH]: {
    get: {
      operationId: 'listOwnCredentials',
      tags: ['Client'],
      summary: 'The credentials of the owner who asks',
      security: [{ guid: [] }],
      parameters: parametersOf('Nonce', 'Cursor'),
      responses: {
        200: sealed('A page of credentials.', { 'application/json': { schema: schemaRef('CredentialPage') } }),
        ...refusals(...CLIENT, ...GET),
      },
    },
  },
  [`${CREDENTIALS_PATH}/{id}`]: {
    delete: {
      operationId: 'revokeOwnCredential',
      tags: ['Client'],
      summary: 'Revokes a credential of the owner',
      description:
        'By a device: with its GUID and a signature; the answer is sealed. Or, when all devices are lost, by a proof of ' +
        'identity in place of the GUID.',
      security: [...SIGNED, { basic: [] }, { bearer: [] }],
      parameters: parametersOf('CredentialId', 'Nonce'),
      responses: {
        200: sealed('What was revoked.', { 'application/json': { schema: schemaRef('Revocation') } }),
        204: { description: 'It is revoked: the answer to a proof of identity.' },
        ...refusals(
          ...CLIENT,
          'identity-not-representable',
          'identity-required',
          'secondary-proof-required',
          'not-found',
          ...EDGE,
        ),
      },
    },
  },
  [SEALED_PATH]: {
    post: {
      operationId: 'sealedRequest',
      tags: ['Client'],
      summary: 'A request that only the origin can open',
      description:
        'There where `/.well-known/cale` names it; otherwise the answer is the problem `sealed-requests-not-supported`, ' +
        'sealed.',
      security: [{ guid: [] }],
      parameters: parametersOf('Nonce', 'CaleAccept'),
      requestBody: {
        required: true,
        content: {
          [CMS_TYPE]: { schema: { description: 'CMS in DER, to the key of `originEncryptionCertificate`.' } },
        },
      },
      responses: {
        200: APPLICATION,
        ...refusals(...CLIENT, 'secondary-proof-required', 'media-type-not-supported', ...EDGE),
      },
    },
  },
  '/{path}': {
    description: 'The standard request: everything that the application behind the edge answers.',
    parameters: [PATH_OF_API],
    get: standard('Get'),
    head: standard('Head'),
    options: standard('Options'),
    post: write('Post'),
    put: write('Put'),
    patch: write('Patch'),
    delete: write('Delete'),
  },
};
