/** A deployment that is in use: the product's Workers with their storage on disk, and the clients that registered. */

import { createSecrets } from '../../scripts/development-secrets.ts';
import { hashPassword } from '../../scripts/scrypt-hash.ts';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { durableObjects } from '../../test/support/serving/bindings.ts';
import { caleWorkers } from '../../test/support/serving/cale.ts';
import { type Served, serve } from '../../test/support/serving/workerd.ts';
import { shuffle } from '../../test/support/statistics/random.ts';
import { type Client, registerClients } from '../population/clients.ts';

const ADMIN_TOKEN = 'administrator';
const PASSWORD = 'wonderland';

/** The kind of a deployment: types of keys by their share, and owners with their scopes. */
export interface DeploymentKind {
  readonly name: string;
  readonly keyTypes: Partial<Record<KeyType, number>>;
  readonly owners: Readonly<Record<string, readonly string[]>>;
}

/** Owners who may all read only: `/scoped` refuses each of them. */
const READERS = { alice: ['read'], bob: ['read'], marguerite: ['read'], jo: ['read'] };
/** Owners of whom half may write. */
const MIXED_OWNERS = { alice: ['read', 'write'], bob: ['read'], marguerite: ['read'], jo: ['read', 'write'] };

export const DEPLOYMENTS: readonly DeploymentKind[] = [
  { name: 'p256', keyTypes: { 'P-256': 1 }, owners: READERS },
  {
    name: 'mixed',
    keyTypes: { 'P-256': 0.4, 'P-384': 0.2, 'RSA-2048': 0.3, 'RSA-3072': 0.1 },
    owners: MIXED_OWNERS,
  },
];

export interface Deployment extends Pick<Served, 'url' | 'cpuTime' | 'restart' | 'close'> {
  readonly kind: DeploymentKind;
  readonly clients: readonly Client[];
  /** Revokes a credential by the route of administration. */
  revoke(guid: string): Promise<void>;
}

/**
 * Serves a deployment and registers clients. workerd is started again after that, so that it has found all of them in
 * its storage, as one that is in use has.
 */
export async function deploy(kind: DeploymentKind, clientCount: number): Promise<Deployment> {
  const users = Object.fromEntries(
    Object.entries(kind.owners).map(([name, scopes]) => [name, { password: hashPassword(PASSWORD, 1), scopes }]),
  );
  const secrets = await createSecrets('CALE adversary', { users, adminToken: ADMIN_TOKEN });
  const storages = { CATALOGUE: 'catalogue', DECOYS: 'decoys' };
  const served = await serve([
    ...(await caleWorkers({ secrets, storages })),
    ...Object.values(storages).map((name) => ({
      name,
      config: 'adversary/serving/kv/wrangler.toml',
      durableObjects: ['KvStore'],
      bindings: [durableObjects('STORE', 'KvStore')],
    })),
  ]);
  const { url } = served;
  try {
    const authorizations = Object.keys(kind.owners).map((owner) => `Basic ${btoa(`${owner}:${PASSWORD}`)}`);
    const clients = await registerClients(url, keyTypesOf(kind, clientCount), authorizations);
    await served.restart();
    return { ...served, kind, clients, revoke: (guid) => revoke(url, guid) };
  } catch (error) {
    await served.close();
    throw error;
  }
}

/**
 * @returns as many types of keys as there are clients, in their shares and in no order: the authority's snapshot of the
 *   shares, which is taken while they register, has to hold for all.
 */
const keyTypesOf = ({ keyTypes }: DeploymentKind, count: number): KeyType[] =>
  shuffle(
    Object.entries(keyTypes).flatMap(([name, share]) =>
      Array<KeyType>(Math.round(share * count)).fill(name as KeyType),
    ),
  );

async function revoke(url: URL, guid: string): Promise<void> {
  const response = await fetch(new URL(`/admin/credentials/${guid}`, url), {
    method: 'DELETE',
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  const text = await response.text();
  if (text !== '{"revoked":1}') throw new Error(`a revocation was answered with ${response.status}: ${text}`);
}
