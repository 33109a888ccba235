/** All Workers as they are deployed, served by workerd with Durable Objects on disk, and KV beside it. */

import type { Edge } from './harness.ts';
import { type KvServer, startKvServer } from './kv-server.ts';
import { type CaleOptions, caleWorkers } from './serving/cale.ts';
import { type Served, serve } from './serving/workerd.ts';

export interface ServedSystem extends Omit<Served, 'url'>, Edge {
  readonly catalogue: KvServer;
  /** KV of the origin's decoys. */
  readonly decoys: KvServer;
  /** The administrator's token. */
  readonly adminToken: string;
}

/** @param edge variables of the edge. */
export async function serveSystem(edge: CaleOptions['edge'] = {}): Promise<ServedSystem> {
  const [catalogue, decoys] = await Promise.all([startKvServer(), startKvServer()]);
  const externals = [
    { name: 'catalogue', port: catalogue.port },
    { name: 'decoys', port: decoys.port },
  ];
  const storages = { CATALOGUE: 'catalogue', DECOYS: 'decoys' };
  const served = await serve(await caleWorkers({ edge, storages }), externals, 'authority');
  const ask = (path: string, init: object) => fetch(new URL(path, served.url), init as RequestInit);
  return {
    ...served,
    server: { fetch: ask as unknown as Edge['server']['fetch'] },
    catalogue,
    decoys,
    adminToken: 'admin',
    async close() {
      await served.close();
      await Promise.all([catalogue.close(), decoys.close()]);
    },
  };
}
