/** The guard of passwords, with a count of the hashes that it computes, and what it stores. */

import { PasswordGuard } from '../../durable-objects/password-guard/guard.ts';
import type { ScryptHash } from '../../durable-objects/password-guard/scrypt.ts';

interface CountingEnv {
  readonly PASSWORDS: DurableObjectNamespace<CountingGuard>;
}

/** The hashes of the object of a name, and the names of tables and entries in its storage. */
export interface GuardCounts {
  readonly hashes: number;
  readonly stored: readonly string[];
}

/** By id of the object. Not in the objects: one that is idle is taken out of memory, and begins again. */
const hashes = new Map<string, number>();

export class CountingGuard extends PasswordGuard {
  readonly #id = this.ctx.id.toString();

  counts(): GuardCounts {
    const { kv, sql } = this.ctx.storage;
    // The development server keeps the name of each object in a table of its own.
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT GLOB '__miniflare*'");
    const stored = [...[...tables].map(({ name }) => name), ...[...kv.list()].map(([key]) => key)];
    return { hashes: hashes.get(this.#id) ?? 0, stored };
  }

  protected override hash(expected: ScryptHash, password: string): Promise<Uint8Array> {
    hashes.set(this.#id, (hashes.get(this.#id) ?? 0) + 1);
    return super.hash(expected, password);
  }
}

/** Answers with the counts of the object of the user name in the query. */
export default {
  async fetch(request, { PASSWORDS }) {
    const name = new URL(request.url).searchParams.get('name') ?? '';
    return Response.json(await PASSWORDS.getByName(name).counts());
  },
} satisfies ExportedHandler<CountingEnv>;
