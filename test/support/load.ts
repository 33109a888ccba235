/** Clients that ask for everything that there is to ask for, one after the other and without end, and what failed. */

import { expect } from 'vitest';
import type { CaleClient } from '../../client/index.ts';

export interface Load {
  /** Number of requests so far. */
  readonly requests: number;
  /** Until each client has asked for everything at least once more, from beginning to end. */
  round(): Promise<void>;
  /** @returns what failed, by the client's name. */
  stop(): Promise<string[]>;
}

const read = async (client: CaleClient, seal: boolean) => {
  const response = await client.fetch('/balance', { seal });
  expect(await response.json()).toEqual({ owner: 'alice', balance: '1,284.50 EUR' });
};
const write = async (client: CaleClient, seal: boolean) => {
  const response = await client.fetch('/echo', { method: 'POST', body: 'hello', seal });
  expect(await response.json()).toEqual({ owner: 'alice', method: 'POST', body: 'hello' });
};

/** Requests in the clear and sealed, reads and writes, and whoami. */
const REQUESTS: Readonly<Record<string, (client: CaleClient) => Promise<unknown>>> = {
  read: (client) => read(client, false),
  'sealed read': (client) => read(client, true),
  write: (client) => write(client, false),
  'sealed write': (client) => write(client, true),
  whoami: async (client) =>
    expect(await client.whoami()).toMatchObject({ owner: 'alice', organization: 'example.com' }),
};

/** @throws what the first request that fails throws. */
export async function askForEverything(client: CaleClient): Promise<void> {
  for (const request of Object.values(REQUESTS)) await request(client);
}

/** @param clients by name: a client, or a function that gives one for each round. */
export function startLoad(clients: Readonly<Record<string, CaleClient | (() => Promise<CaleClient>)>>): Load {
  const failures: string[] = [];
  const rounds = Object.keys(clients).map(() => 0);
  let requests = 0;
  let isStopped = false;
  let waiting: (() => void)[] = [];
  const fail = (what: string) => (error: unknown) => {
    failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  };

  const loops = Object.entries(clients).map(async ([name, given], at) => {
    while (!isStopped) {
      const client = typeof given === 'function' ? await given().catch(fail(`${name}: register`)) : given;
      for (const [what, request] of Object.entries(REQUESTS)) {
        requests += 1;
        if (client !== undefined) await request(client).catch(fail(`${name}: ${what}`));
      }
      rounds[at] = (rounds[at] ?? 0) + 1;
      for (const told of waiting.splice(0)) told();
    }
  });

  return {
    get requests() {
      return requests;
    },
    async round() {
      // The round that is under way began before.
      const wanted = rounds.map((number) => number + 2);
      while (rounds.some((number, at) => number < (wanted[at] ?? 0))) {
        await new Promise<void>((resolve) => {
          waiting = [...waiting, resolve];
        });
      }
    },
    async stop() {
      isStopped = true;
      await Promise.all(loops);
      return failures;
    },
  };
}
