/**
 * The object of one user name, in which passwords for that name are checked. A hash holds an isolate for a long time, so
 * hashes of one name come one after another, and only a bounded number of them.
 */

import { DurableObject } from 'cloudflare:workers';
import { timingSafeEqual } from 'node:crypto';
import { type Charge, FailureCounts } from './failure-counts.ts';
import { digestOfNetwork, FamiliarNetworks } from './familiar-networks.ts';
import { HashQueue } from './hash-queue.ts';
import { hashLike, type ScryptHash } from './scrypt.ts';

/** A password that somebody gives for the name of an object. */
export interface Attempt {
  /** The network that it comes from, in the one form that `networkOf` of the edge gives it. */
  readonly network: string;
  readonly password: string;
  /** The hash of the name; of another name when this one is not known. */
  readonly expected: ScryptHash;
  /** False: no password is right. All else is done as for a name that is known. */
  readonly isKnown: boolean;
}

/** The outcome of an attempt. One that was refused was not looked at: nothing was computed, whether it was right or not. */
export type Verdict = { readonly isRight: boolean } | { readonly retryAfterSeconds: number };

const WINDOW_SECONDS = 600;
/** Failures of one network, and of all networks together that are not familiar. */
const MAX_OF_NETWORK = 10;
const MAX_OF_STRANGERS = 100;
/** Number of networks that are counted by themselves. */
const MAX_NETWORKS = 1000;
const STRANGERS = 'strangers';
/** Seconds to wait when the queue is full: a queue of hashes takes less. */
const QUEUE_SECONDS = 1;
/** Wrong passwords from which on the counts are kept. Fewer are soon forgotten, so that a try at many names costs little. */
const KEPT_FROM = 3;

export class PasswordGuard extends DurableObject {
  readonly #ofNetwork = new FailureCounts({
    limit: MAX_OF_NETWORK,
    windowSeconds: WINDOW_SECONDS,
    capacity: MAX_NETWORKS,
  });
  readonly #ofStrangers = new FailureCounts({ limit: MAX_OF_STRANGERS, windowSeconds: WINDOW_SECONDS, capacity: 1 });
  readonly #queue = new HashQueue();
  readonly #familiar = new FamiliarNetworks(this.ctx.storage.kv);
  #wrongCount = 0;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  /** @returns the same for a name that is known and one that is not, but for the right password. */
  async check({ network, password, expected, isKnown }: Attempt): Promise<Verdict> {
    const digest = await digestOfNetwork(network);
    const charge = this.#charge(network, this.#familiar.has(digest));
    if (!charge.ok) return { retryAfterSeconds: charge.retryAfterSeconds };
    const hashed = this.#queue.tryRun(network, () => this.hash(expected, password));
    if (hashed === undefined) {
      charge.cancel();
      return { retryAfterSeconds: QUEUE_SECONDS };
    }
    const isRight = timingSafeEqual(await hashed, expected.hash) && isKnown;
    if (isRight) {
      charge.cancel();
      this.#familiar.add(digest);
    } else if (++this.#wrongCount >= KEPT_FROM) this.#keepInMemory();
    return { isRight };
  }

  /**
   * Keeps the object in memory, and so its counts, for a window from now: an idle one is taken out after ten seconds. A
   * timer does so from the compatibility date 2026-10-01 on.
   */
  #keepInMemory(): void {
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      this.#wrongCount = 0;
    }, WINDOW_SECONDS * 1000);
  }

  /** Counts an attempt for its network, and for all strangers where its network is one. */
  #charge(network: string, isFamiliar: boolean): Charge {
    const ofNetwork = this.#ofNetwork.charge(network);
    if (!ofNetwork.ok || isFamiliar) return ofNetwork;
    const ofStrangers = this.#ofStrangers.charge(STRANGERS);
    if (!ofStrangers.ok) {
      ofNetwork.cancel();
      return ofStrangers;
    }
    return {
      ok: true,
      cancel() {
        ofNetwork.cancel();
        ofStrangers.cancel();
      },
    };
  }

  protected hash(expected: ScryptHash, password: string): Promise<Uint8Array> {
    return hashLike(expected, password);
  }
}
