/** What shards said of GUIDs, answered from for some seconds, for clients far from their shards. */

import type { FoundCredential } from '../../../durable-objects/credential-shard/credential.ts';
import { LruCache } from '../../../shared/crypto/lru-cache.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';

/** Number of look-ups that an isolate remembers. */
const CAPACITY = 10_000;

interface Remembered {
  readonly found: FoundCredential | null;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export class RememberedFinds {
  readonly #milliseconds: number;
  readonly #finds = new LruCache<Remembered>(CAPACITY);

  /** @param seconds that a look-up is remembered; a revocation is known so much later at most. */
  constructor(seconds: number) {
    this.#milliseconds = seconds * 1000;
  }

  /**
   * @param asker names GUID and network of a client. Networks are remembered apart, known GUIDs and unknown ones alike: where
   *   the client of a GUID has asked, others would else be answered sooner than for a GUID that is not in use.
   * @param look asks the shard.
   */
  async find(guid: Guid, asker: string, look: () => Promise<FoundCredential | null>): Promise<FoundCredential | null> {
    const key = utf8(`${guid} ${asker}`);
    const known = this.#finds.get(key);
    // Counted from before the shard is asked: a revocation may come between its answer and the arrival here.
    const now = Date.now();
    if (known !== undefined && now < known.until) return known.found;
    const found = await look();
    this.#finds.set(key, { found: withoutSuccession(found), until: now + this.#milliseconds });
    return found;
  }
}

/** The one who asked the shard sees to the succession. */
function withoutSuccession(found: FoundCredential | null): FoundCredential | null {
  return found && { template: found.template, refusal: found.refusal };
}
