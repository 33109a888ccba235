/** The product's Workers as they are deployed. */

import { createDevelopmentSecrets, type Secrets } from '../../../scripts/development-secrets.ts';
import { durableObjects, entrypoint, kv, limiter, service, texts } from './bindings.ts';
import type { ServedWorker } from './configuration.ts';

const EDGE_VARIABLES = {
  ORGANIZATION: 'example.com',
  IDENTITY_METHODS: 'basic',
  TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384',
  UNSAFE_METHODS: 'signed',
  CBC_CIPHERS: 'allow',
  ALLOWED_ORIGINS: '',
  DEMO: 'off',
};
const AUTHORITY_VARIABLES = {
  ORGANIZATION: 'example.com',
  CERTIFICATE_LIFETIME_SECONDS: '10',
  AUTHORITY_SHARDS: '64',
  // Measurements register many clients of few owners.
  CREDENTIALS_PER_OWNER: '1000',
};

/** Everything of the product in one workerd. */
export interface CaleOptions {
  /** Variables of the edge, in place of those that measurements have. */
  readonly edge?: Readonly<Record<string, string>>;
  readonly secrets?: Secrets;
  /** Services that keep KV namespaces, by binding; by default the stand-in, which keeps nothing. */
  readonly storages?: Partial<Record<'CATALOGUE' | 'DECOYS', string>>;
}

/** @returns all Workers, the reachable one first. */
export async function caleWorkers(options: CaleOptions = {}): Promise<ServedWorker[]> {
  const { secrets = await createDevelopmentSecrets(), storages = {}, edge = {} } = options;
  return [
    {
      name: 'edge',
      config: 'wrangler.toml',
      durableObjects: ['PasswordGuard'],
      bindings: [
        ...texts({ ...EDGE_VARIABLES, ...edge, ...secrets.edge }),
        service('AUTHORITY', 'authority'),
        entrypoint('ADMINISTRATION', 'authority', 'Administration'),
        service('ORIGIN', 'origin'),
        limiter('REGISTRATION_LIMITER'),
        limiter('REQUEST_LIMITER'),
        limiter('SITE_LIMITER'),
        limiter('GUID_LIMITER'),
        limiter('OWNER_LIMITER'),
        durableObjects('PASSWORDS', 'PasswordGuard'),
      ],
    },
    {
      name: 'authority',
      config: 'workers/authority/wrangler.toml',
      durableObjects: ['CredentialShard', 'ResourceOwner'],
      bindings: [
        ...texts({ ...AUTHORITY_VARIABLES, ...secrets.authority }),
        durableObjects('SHARDS', 'CredentialShard'),
        durableObjects('OWNERS', 'ResourceOwner'),
        kv('CATALOGUE', storages.CATALOGUE),
      ],
    },
    {
      name: 'origin',
      config: 'workers/origin/wrangler.toml',
      bindings: [
        ...texts({ UNSAFE_METHODS: 'signed', ...secrets.origin }),
        service('RESOURCE', 'resource'),
        kv('DECOYS', storages.DECOYS),
      ],
    },
    { name: 'resource', config: 'workers/resource/wrangler.toml', bindings: texts(secrets.resource) },
  ];
}
