/** Both chains, each with all its Workers in one workerd. */

import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { durableObjects, kv, limiter, type Served, serve, service, text } from '../workerd.ts';

const VARIABLES = {
  edge: {
    ORGANIZATION: 'example.com',
    IDENTITY_METHODS: 'basic',
    TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384',
    UNSAFE_METHODS: 'refuse',
    ALLOWED_ORIGINS: '',
  },
  authority: { ORGANIZATION: 'example.com', CERTIFICATE_LIFETIME_SECONDS: '10', AUTHORITY_SHARDS: '64' },
};

const texts = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([name, value]) => text(name, value));

/** The product as it is deployed. */
export async function serveCale(): Promise<Served> {
  const secrets = await createDevelopmentSecrets();
  return serve([
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
  ]);
}

/** Octets of the messages of the chain that is held against it. */
export interface MessageLengths {
  readonly certificate: number;
  readonly profile: number;
  readonly answer: number;
}

/** The same hops without cryptography. */
export function serveBare({ certificate, profile, answer }: MessageLengths): Promise<Served> {
  const config = 'bench/chain/wrangler.toml';
  const role = (name: string, ...bindings: string[]) => ({
    name,
    config,
    bindings: [
      text('ROLE', name),
      ...texts({
        CERTIFICATE_LENGTH: String(certificate),
        PROFILE_LENGTH: String(profile),
        ANSWER_LENGTH: String(answer),
      }),
      ...bindings,
    ],
  });
  return serve([
    role('edge', service('AUTHORITY', 'authority'), service('ORIGIN', 'origin')),
    { ...role('authority', durableObjects('SHARDS', 'BareShard')), durableObject: 'BareShard' },
    role('origin', service('RESOURCE', 'resource')),
    role('resource'),
  ]);
}
