/**
 * What each party of a standard request adds, one party at a time: its handler is called within the isolate, with those
 * that it asks answering at once. `limit` is the handler of the bare chain, with the WebCrypto calls of its part.
 */

import { encodeBase64 } from '../../shared/wire/base64.ts';
import { CALE_GUID, CALE_PEM, CERTIFICATE_TYPE, CIPHER } from '../../shared/wire/headers.ts';
import { encodePem } from '../../shared/wire/pem.ts';
import { authority } from '../../workers/authority/app.ts';
import { edge } from '../../workers/edge/app.ts';
import { origin } from '../../workers/origin/app.ts';
import { resource } from '../../workers/resource/app.ts';
import { type BareEnv, HANDLERS } from '../chain/bare.ts';
import type { Run, Subjects } from '../worker.ts';
import { certificateFor, createClient, createIssuer, type KeyType } from './parties.ts';

const GUID = '8a664edc-dd84-43ad-a230-ea68cfac4764';
const CIPHER_NAME = 'ECDHE-RSA-AES256-GCM-SHA384';
const SECRET = new Uint8Array(32);
/** Octets of the demo's answer, in base64 lines. */
const ANSWER_LENGTHS: Record<KeyType, number> = { 'RSA-2048': 1004, 'P-256': 607 };
const ANSWER_FIELDS = {
  'MIME-Version': '1.0',
  'Content-Disposition': 'attachment; filename="smime.p7m"',
  'Content-Type': 'application/x-pkcs7-mime; smime-type=authEnveloped-data; name="smime.p7m"',
  'Content-Transfer-Encoding': 'base64',
  'Cache-Control': 'no-store',
};
const CONTENT = JSON.stringify({
  owner: 'alice',
  organization: 'example.com',
  scopes: ['read', 'write'],
  aggregate: { foo: 'bar' },
});

/** What the parties hold and say, for a client of the type of key. */
async function stage(keyType: KeyType) {
  const [issuer, client] = [await createIssuer(), await createClient(keyType)];
  const der = await certificateFor(issuer, client);
  const certificate = encodePem('CERTIFICATE', der);
  const answer = 'x'.repeat(ANSWER_LENGTHS[keyType]);
  const answers = (make: () => Response): Fetcher => ({ fetch: async () => make() }) as never;
  return {
    issuer,
    client,
    certificate,
    calePem: `"${encodeBase64(der)}"`,
    authorities: encodePem('CERTIFICATE', issuer.authority.certificate),
    authorityAnswers: answers(() => new Response(certificate, { headers: { 'Content-Type': CERTIFICATE_TYPE } })),
    originAnswers: answers(() => new Response(answer, { headers: ANSWER_FIELDS })),
    resourceAnswers: answers(() => Response.json({ foo: 'bar' })),
    shards: { idFromName: () => 0, get: () => ({ find: async () => client.profile.buffer }) } as never,
  };
}

type Stage = Awaited<ReturnType<typeof stage>>;

interface Hop {
  /** What the party is asked. */
  readonly request: (stage: Stage) => Request;
  /** The party of the product. */
  readonly party: (stage: Stage) => (request: Request) => Response | Promise<Response>;
}

const HOPS: Record<BareEnv['ROLE'], Hop> = {
  edge: {
    request: () =>
      new Request('http://127.0.0.1/resource', { headers: { [CALE_GUID]: GUID, Connection: 'keep-alive' } }),
    party: ({ authorityAnswers, originAnswers }) => {
      const limiter = { limit: async () => ({ success: true }) };
      const { fetch } = edge({
        organization: 'example.com',
        basicUsers: undefined,
        bearerIssuer: undefined,
        adminToken: undefined,
        decoySecret: SECRET,
        tlsCipher: CIPHER_NAME,
        unsafeMethodsAllowed: false,
        allowedOrigins: new Set(),
        isDemo: false,
        authority: authorityAnswers,
        origin: originAnswers,
        registrationLimiter: limiter,
        requestLimiter: limiter,
      });
      return fetch;
    },
  },
  authority: {
    request: () => new Request('https://authority/validate', { headers: { [CALE_GUID]: GUID } }),
    party: ({ issuer, shards }) =>
      authority({
        organization: 'example.com',
        authorities: [issuer.authority],
        key: issuer.pkcs8,
        decoySecret: SECRET,
        certificateLifetimeSeconds: 10,
        shardCount: 64,
        shards,
        catalogue: undefined as never,
      }).fetch,
  },
  origin: {
    request: ({ calePem }) =>
      new Request('https://origin/resource', { headers: { [CALE_PEM]: calePem, [CIPHER]: CIPHER_NAME } }),
    party: ({ authorities, resourceAnswers }) => origin({ authorities, resourceServer: resourceAnswers }).fetch,
  },
  resource: {
    request: ({ calePem }) => new Request('https://resource/aggregate', { headers: { [CALE_PEM]: calePem } }),
    party: ({ authorities }) => resource(authorities).fetch,
  },
};

export const hop = (role: BareEnv['ROLE'], keyType: KeyType): Subjects => {
  const { request, party } = HOPS[role];
  const runOf = (staged: Stage, answer: (request: Request) => Response | Promise<Response>): Run => {
    return async () => {
      const response = await answer(request(staged));
      if (response.status !== 200) throw new Error(`${role} answered ${response.status}`);
      return response.arrayBuffer();
    };
  };
  return {
    async cale() {
      const staged = await stage(keyType);
      return runOf(staged, party(staged));
    },
    async limit() {
      const staged = await stage(keyType);
      const { client, certificate, originAnswers, resourceAnswers } = staged;
      const env: BareEnv = {
        ROLE: role,
        CALLS: 'crypto',
        KEY_TYPE: keyType,
        AUTHORITY: bareAuthority(certificate.length),
        ORIGIN: originAnswers,
        RESOURCE: resourceAnswers,
        SHARDS: { getByName: () => ({ find: async () => client.profile.buffer }) } as never,
        CERTIFICATE_LENGTH: String(certificate.length),
        PROFILE_LENGTH: String(client.profile.length),
        CONTENT_LENGTH: String(CONTENT.length),
        ANSWER_LENGTH: String(ANSWER_LENGTHS[keyType]),
      };
      return runOf(staged, (asked) => HANDLERS[role](asked, env));
    },
  };
};

/** A certificate without line ends: the bare edge puts it into a header field as it is. */
const bareAuthority = (length: number): Fetcher =>
  ({ fetch: async () => new Response('x'.repeat(length), { headers: { 'Content-Type': CERTIFICATE_TYPE } }) }) as never;
