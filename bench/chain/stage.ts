/** Both chains, each with all its Workers in one workerd. */

import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import type { KeyType } from '../subjects/parties.ts';
import { durableObjects, kv, limiter, type Served, type ServedWorker, serve, service, text } from '../workerd.ts';

const VARIABLES = {
  edge: {
    ORGANIZATION: 'example.com',
    IDENTITY_METHODS: 'basic',
    TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384',
    UNSAFE_METHODS: 'refuse',
    ALLOWED_ORIGINS: '',
    DEMO: 'off',
  },
  authority: { ORGANIZATION: 'example.com', CERTIFICATE_LIFETIME_SECONDS: '10', AUTHORITY_SHARDS: '64' },
};

const texts = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([name, value]) => text(name, value));

/** The product's Workers as they are deployed, the reachable one first. */
export async function caleWorkers(): Promise<ServedWorker[]> {
  const secrets = await createDevelopmentSecrets();
  return [
    {
      name: 'edge',
      config: 'wrangler.toml',
      bindings: [
        ...texts({ ...VARIABLES.edge, ...secrets.edge }),
        service('AUTHORITY', 'authority'),
        service('ORIGIN', 'origin'),
        limiter('REGISTRATION_LIMITER'),
        limiter('REQUEST_LIMITER'),
      ],
    },
    {
      name: 'authority',
      config: 'workers/authority/wrangler.toml',
      durableObject: 'CredentialShard',
      bindings: [
        ...texts({ ...VARIABLES.authority, ...secrets.authority }),
        durableObjects('SHARDS', 'CredentialShard'),
        kv('CATALOGUE'),
      ],
    },
    {
      name: 'origin',
      config: 'workers/origin/wrangler.toml',
      bindings: [...texts(secrets.origin), service('RESOURCE', 'resource')],
    },
    { name: 'resource', config: 'workers/resource/wrangler.toml', bindings: texts(secrets.resource) },
  ];
}

export const serveCale = async (): Promise<Served> => serve(await caleWorkers());

/** What the messages of the chain have in octets, which is held against it. */
export interface MessageLengths {
  readonly certificate: number;
  readonly profile: number;
  readonly content: number;
  readonly answer: number;
}

/** The same hops; `crypto` with the WebCrypto calls that they cannot do without, `none` with nothing. */
export function serveBare(keyType: KeyType, lengths: MessageLengths, calls: 'none' | 'crypto'): Promise<Served> {
  const config = 'bench/chain/wrangler.toml';
  const variables = {
    CALLS: calls,
    KEY_TYPE: keyType,
    CERTIFICATE_LENGTH: String(lengths.certificate),
    PROFILE_LENGTH: String(lengths.profile),
    CONTENT_LENGTH: String(lengths.content),
    ANSWER_LENGTH: String(lengths.answer),
  };
  const role = (name: string, ...bindings: string[]) => ({
    name,
    config,
    bindings: [...texts({ ...variables, ROLE: name }), ...bindings],
  });
  return serve([
    role('edge', service('AUTHORITY', 'authority'), service('ORIGIN', 'origin')),
    { ...role('authority', durableObjects('SHARDS', 'BareShard')), durableObject: 'BareShard' },
    role('origin', service('RESOURCE', 'resource')),
    role('resource'),
  ]);
}
