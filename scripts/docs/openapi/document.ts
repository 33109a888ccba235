/** The description of the edge's HTTP interface: OpenAPI 3.1. */

import { CALE_GUID } from '../../../shared/protocol/headers.ts';
import { WIRE_VERSION } from '../../../shared/protocol/wire-version.ts';
import { PARAMETERS } from './parameters.ts';
import { ADMINISTRATION_PATHS } from './paths/administration.ts';
import { CLIENT_PATHS } from './paths/client.ts';
import { PUBLIC_PATHS } from './paths/public.ts';
import { REFUSALS } from './responses.ts';
import { SCHEMAS } from './schemas.ts';

const DESCRIPTION = `An edge of CALE (draft-deutch-lamps-client-app-encrypt-00): clients register a key, and answers are
sealed to it.

The document is the same for every deployment. What is turned off at one of them is described all the same: below \`/admin\`
without a token or the binding \`ADMINISTRATION\`, or sealed requests without a key of the origin, a path is one of the
application behind the edge; \`/.well-known/cale\` says which methods of proof there are.

A sealed answer has the status 200 and the content that \`x-sealed-content\` names, which only the client can open. Problems
in the clear are the same for known and unknown GUIDs. Every answer has \`Date\` and \`Cache-Control\`.`;

const SECURITY_SCHEMES = {
  basic: {
    type: 'http',
    scheme: 'basic',
    description: 'A user name and a password, where `basic` is among the methods.',
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of the issuer `bearerIssuer`, where `bearer` is among the methods.',
  },
  guid: { type: 'apiKey', in: 'header', name: CALE_GUID, description: 'The GUID of a credential.' },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description:
      'With `Signature-Input` and `CALE-Nonce`, and `Content-Digest` where there is a body: a signature by the registered ' +
      'key under the label `cale` with `tag="cale-request"` (RFC 9421, RFC 9530).',
  },
  administrator: { type: 'http', scheme: 'bearer', description: "An administrator's token." },
  access: {
    type: 'apiKey',
    in: 'header',
    name: 'Cf-Access-Jwt-Assertion',
    description: 'The assertion that Cloudflare Access adds, where the edge is set to ask for it.',
  },
};

export const openApiDocument = {
  openapi: '3.1.1',
  info: {
    title: 'CALE edge',
    version: WIRE_VERSION,
    description: DESCRIPTION,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'The edge that this document is from.' }],
  tags: [
    { name: 'Public', description: 'Without a credential.' },
    { name: 'Client', description: 'With the GUID of a credential.' },
    { name: 'Administration', description: "With an administrator's token." },
  ],
  paths: { ...PUBLIC_PATHS, ...CLIENT_PATHS, ...ADMINISTRATION_PATHS },
  components: { schemas: SCHEMAS, responses: REFUSALS, parameters: PARAMETERS, securitySchemes: SECURITY_SCHEMES },
};
