/**
 * The cost of each party of a standard request, one party at a time: its handler is called within the isolate. `limit`
 * is the handler of the bare chain, with the WebCrypto calls of its part.
 */

import { encodeBase64 } from '../../shared/encoding/base64.ts';
import { encodePem } from '../../shared/encoding/pem.ts';
import { CALE_GUID, CALE_PEM, CIPHER } from '../../shared/protocol/headers.ts';
import { CERTIFICATE_TYPE } from '../../shared/protocol/media-types.ts';
import { createAuthority } from '../../workers/authority/app.ts';
import { createEdge } from '../../workers/edge/app.ts';
import type { IdentityMethod } from '../../workers/edge/identity/method.ts';
import { createDemoOrigin } from '../../workers/origin/app.ts';
import { createResource } from '../../workers/resource/app.ts';
import { HANDLERS, type Role } from '../chain/roles.ts';
import type { ClientKeyType } from '../parties/client.ts';
import { ANSWER_LENGTHS, CONTENT, createStage, party, type Stage } from './hop-stage.ts';
import type { Run, Subjects } from './subject.ts';

type Handler = (request: Request) => Response | Promise<Response>;

interface Hop {
  /** The request to the party. */
  readonly request: (stage: Stage) => Request;
  /** The party of the product. */
  readonly handler: (stage: Stage) => Handler;
}

const GUID = '8a664edc-dd84-43ad-a230-ea68cfac4764';
const CIPHER_NAME = 'ECDHE-RSA-AES256-GCM-SHA384';
const SECRET = encodeBase64(new Uint8Array(32));

const HOPS: Record<Role, Hop> = {
  edge: {
    request: () =>
      new Request('http://127.0.0.1/resource', { headers: { [CALE_GUID]: GUID, Connection: 'keep-alive' } }),
    handler({ authority, origin }) {
      const edge = createEdge({
        organization: 'example.com',
        // Never asked: no request registers.
        identityMethods: [{} as IdentityMethod],
        tlsCipher: CIPHER_NAME,
        authority,
        origin,
      });
      return (request) => edge.fetch(request);
    },
  },
  authority: {
    request: () => new Request('https://authority/validate', { headers: { [CALE_GUID]: GUID } }),
    handler({ authorities, catalogue, issuer, owners, shards }) {
      const authority = createAuthority({
        organization: 'example.com',
        certificates: authorities,
        key: encodePem('PRIVATE KEY', issuer.pkcs8),
        decoySecret: SECRET,
        shards,
        owners,
        catalogue,
      });
      return (request) => authority.fetch(request);
    },
  },
  origin: {
    request: ({ calePem }) =>
      new Request('https://origin/resource', { headers: { [CALE_PEM]: calePem, [CIPHER]: CIPHER_NAME } }),
    handler: ({ authorities, resource }) =>
      createDemoOrigin({ options: { authorities }, resourceServer: resource }).fetch,
  },
  resource: {
    request: ({ calePem }) => new Request('https://resource/aggregate', { headers: { [CALE_PEM]: calePem } }),
    handler: ({ authorities }) => createResource(authorities).fetch,
  },
};

export function hop(role: Role, keyType: ClientKeyType): Subjects {
  const { request, handler } = HOPS[role];
  const subject = (handlerOn: (stage: Stage) => Handler) => async (): Promise<Run> => {
    const stage = await createStage(keyType);
    const handle = handlerOn(stage);
    return async () => {
      const response = await handle(request(stage));
      if (response.status !== 200) throw new Error(`${role} answered ${response.status}`);
      return response.arrayBuffer();
    };
  };
  return { cale: subject(handler), limit: subject(bareHandler(role)) };
}

/** The role of the bare chain, on the same stage. */
const bareHandler =
  (role: Role) =>
  ({ keyType, certificate, template, origin, resource }: Stage): Handler => {
    const env = {
      ROLE: role,
      CALLS: 'crypto',
      SIGNATURES: 'none',
      KEY_TYPE: keyType,
      AUTHORITY: bareAuthority(certificate.length),
      ORIGIN: origin,
      RESOURCE: resource,
      SHARDS: { getByName: () => ({ find: async () => template }) } as never,
      CERTIFICATE_LENGTH: String(certificate.length),
      TEMPLATE_LENGTH: String(template.byteLength),
      CONTENT_LENGTH: String(CONTENT.length),
      ANSWER_LENGTH: String(ANSWER_LENGTHS[keyType]),
    } as const;
    return (request) => HANDLERS[role](request, env);
  };

/** Answers without line ends, because the bare edge puts the certificate into a header field as it is. */
const bareAuthority = (length: number): Fetcher =>
  party(() => new Response('x'.repeat(length), { headers: { 'Content-Type': CERTIFICATE_TYPE } }));
