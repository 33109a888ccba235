/** All Workers, with an authority whose storage fails when it is told to. */

import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import type { KvFault, ShardFault } from './faulty-authority.ts';
import { type Harness, startHarness } from './harness.ts';

const NAME = 'faulty-authority';

export interface FaultyStorage {
  readonly harness: Harness;
  shard(fault: ShardFault): Promise<void>;
  kv(fault: KvFault): Promise<void>;
  /** Number of calls of shards since the last fault was set. */
  calls(): Promise<number>;
}

/** @param vars of the authority. */
export async function startFaultyStorage(vars: Record<string, string> = {}): Promise<FaultyStorage> {
  const secrets = await createDevelopmentSecrets();
  const harness = await startHarness({
    secrets,
    edgeBindings: { AUTHORITY: NAME, ADMINISTRATION: NAME },
    more: [
      {
        name: NAME,
        main: 'test/support/faulty-authority.ts',
        compatibility_date: '2026-11-02',
        compatibility_flags: ['nodejs_compat'],
        vars: {
          ...secrets.authority,
          ORGANIZATION: 'example.com',
          CREDENTIALS_PER_OWNER: '1000',
          STORAGE_DEADLINE_MS: '1000',
          ...vars,
        },
        durable_objects: {
          bindings: [
            { name: 'SHARDS', class_name: 'CredentialShard' },
            { name: 'OWNERS', class_name: 'ResourceOwner' },
          ],
        },
        migrations: [{ tag: 'v1', new_sqlite_classes: ['CredentialShard', 'ResourceOwner'] }],
        kv_namespaces: [{ binding: 'CATALOGUE', id: 'faulty-catalogue' }],
      },
    ],
  });
  const tell = async (path: string): Promise<number> => {
    const answer = await harness.server.getWorker(NAME).fetch(`https://fault/${encodeURI(path)}`);
    return ((await answer.json()) as { calls: number }).calls;
  };
  return {
    harness,
    shard: async (fault) => void (await tell(`shard/${fault}`)),
    kv: async (fault) => void (await tell(`kv/${fault}`)),
    calls: () => tell('calls'),
  };
}
