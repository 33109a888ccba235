/** A shard for timing: POST /fill registers credentials, GET /find/{guid}/{times} looks a GUID up so many times. */

import { CredentialShard } from '../../durable-objects/credential-shard/shard.ts';
import { type Guid, newGuid } from '../../shared/protocol/guid.ts';

interface LookupEnv {
  readonly SHARDS: DurableObjectNamespace<LookupShard>;
  readonly CATALOGUE: KVNamespace;
}

const ROWS = 1000;
/** Size of a certificate template for a P-256 key. */
const TEMPLATE_BYTES = 350;

/** The product's shard, which looks up more than once for one call. */
export class LookupShard extends CredentialShard {
  /** @returns a GUID that is registered. */
  fill(): Guid {
    let guid = newGuid();
    for (let row = 0; row < ROWS; row++) {
      guid = newGuid();
      this.register({
        guid,
        owner: `owner ${row}`,
        organization: 'example.com',
        scopes: ['read'],
        device: 'CN=phone',
        keyType: 'P-256',
        csrSha256: '0'.repeat(64),
        catalogueKey: `csr/${row}`,
        template: new Uint8Array(TEMPLATE_BYTES),
        registeredAt: Date.now(),
      });
    }
    return guid;
  }

  /** @returns whether it was found, each time. */
  async findTimes(guid: Guid, times: number): Promise<boolean> {
    let isFound = true;
    for (let time = 0; time < times; time++) isFound = (await this.find(guid)) !== null && isFound;
    return isFound;
  }
}

export default {
  async fetch(request, { SHARDS }) {
    const [, action, guid = '', times = ''] = new URL(request.url).pathname.split('/');
    const shard = SHARDS.getByName('shard');
    if (action === 'fill') return new Response(await shard.fill());
    return new Response(String(await shard.findTimes(guid as Guid, Number(times))));
  },
} satisfies ExportedHandler<LookupEnv>;
