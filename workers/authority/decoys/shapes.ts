/**
 * The shapes that decoys are drawn from: a snapshot of the credentials, in KV for every isolate of the authority. It stays
 * as it is until the credentials have become others, so that a GUID keeps its decoy.
 */

import { waitUntil } from 'cloudflare:workers';
import { log, reasonOf } from '../../../shared/log.ts';
import { type Weighted, weigh } from '../../../shared/protocol/weighted-draw.ts';
import { resolveWithin } from '../../../shared/resolve-within.ts';
import { inGroups } from '../credentials/in-groups.ts';
import type { Shards } from '../credentials/shards.ts';
import { FIRST_SHAPES, keyTypeShares, type Shape, shapeOf } from './shape.ts';

const SNAPSHOT_KEY = 'decoys/shapes';
/** Time for which an isolate takes its snapshot for the current one. */
const REFRESH_MS = 5 * 60 * 1000;
/** KV that does not answer holds up the first request of an isolate for no longer than this. */
const LOAD_DEADLINE_MS = 1000;
/** Credentials that are looked at, and the shards that they are of. Of more shards some that have numbers in a row. */
const SAMPLED = 1024;
const SAMPLED_SHARDS = 256;
/**
 * Bounds within which a snapshot stays: of the shares of key types (total variation, of which two samples of the same
 * credentials have some 0.03), and of the number of credentials.
 */
const MAX_VARIATION = 0.1;
const MAX_GROWTH = 4;

interface Snapshot {
  readonly shapes: readonly Weighted<Shape>[];
  /** Number of credentials when it was taken. */
  readonly count: number;
}

const FIRST: Snapshot = { shapes: FIRST_SHAPES, count: 0 };

export class Shapes {
  readonly #catalogue: KVNamespace;
  readonly #shards: Shards;
  #snapshot: Promise<Snapshot> | undefined;
  #refreshedAt = 0;

  constructor(catalogue: KVNamespace, shards: Shards) {
    this.#catalogue = catalogue;
    this.#shards = shards;
  }

  /** @returns the current shapes. Only the first request of an isolate waits for KV, and none for a refresh. */
  async current(): Promise<readonly Weighted<Shape>[]> {
    this.#snapshot ??= this.#load().then((stored) => stored ?? FIRST);
    const now = Date.now();
    if (now - this.#refreshedAt > REFRESH_MS) {
      this.#refreshedAt = now;
      waitUntil(this.#refresh());
    }
    return (await this.#snapshot).shapes;
  }

  /** @returns undefined when KV has none, or fails. */
  async #load(): Promise<Snapshot | undefined> {
    try {
      const stored = await resolveWithin(this.#catalogue.get<Snapshot>(SNAPSHOT_KEY, 'json'), LOAD_DEADLINE_MS);
      return stored ?? undefined;
    } catch (error) {
      log({ event: 'decoys-not-learned', reason: reasonOf(error) });
      return undefined;
    }
  }

  async #refresh(): Promise<void> {
    try {
      const [loaded, taken] = await Promise.all([this.#load(), this.#take()]);
      // While KV is down the one that is there stays, so that no GUID gets another decoy.
      const stored = loaded ?? (await this.#snapshot) ?? FIRST;
      if (taken === undefined || !isOther(stored, taken)) {
        this.#snapshot = Promise.resolve(stored);
        return;
      }
      this.#snapshot = Promise.resolve(taken);
      await this.#catalogue.put(SNAPSHOT_KEY, JSON.stringify(taken));
    } catch (error) {
      log({ event: 'decoys-not-learned', reason: reasonOf(error) });
    }
  }

  /** @returns undefined when there is no credential. */
  async #take(): Promise<Snapshot | undefined> {
    const { total } = this.#shards;
    const first = Math.floor(Math.random() * Math.max(1, total - SAMPLED_SHARDS + 1));
    const shards = this.#shards.from(first, SAMPLED_SHARDS);
    const perShard = Math.max(4, Math.ceil(SAMPLED / shards.length));
    const samples = await inGroups(shards, (shard) => shard.sample(perShard));
    const found = samples.reduce((sum, sample) => sum + sample.count, 0);
    const count = Math.round((found * total) / shards.length);
    const shapes = samples.flatMap(({ drawn }) =>
      drawn.map(({ keyType, template }) => shapeOf(keyType, new Uint8Array(template))),
    );
    return shapes.length === 0 ? undefined : { shapes: weigh(shapes), count };
  }
}

/** True when the credentials have become others since the old snapshot. */
function isOther(old: Snapshot, taken: Snapshot): boolean {
  if (taken.count > MAX_GROWTH * old.count || MAX_GROWTH * taken.count < old.count) return true;
  const [before, after] = [keyTypeShares(old.shapes), keyTypeShares(taken.shapes)];
  const types = new Set([...before.keys(), ...after.keys()]);
  const differences = [...types].map((type) => Math.abs((before.get(type) ?? 0) - (after.get(type) ?? 0)));
  return differences.reduce((sum, difference) => sum + difference, 0) / 2 > MAX_VARIATION;
}
