/** The last step of a deployment: the client does at a deployed edge what clients do. */

import { setTimeout } from 'node:timers/promises';
import { CaleClient } from '../client.ts';
import { CaleError } from '../errors.ts';
import { MemoryKeyStore } from '../stores/memory.ts';

/** A step failed. The message is for the person who deploys. */
export class SmokeError extends Error {
  override readonly name = 'SmokeError';
}

/** A new name under workers.dev, and a new version, take some seconds to be everywhere. */
const PATIENCE_MS = 90_000;
const AGAIN_MS = 3000;

/** What is tested: where, as whom, and what is asked for. */
export interface SmokeTest {
  /** Of the edge. */
  readonly url: string;
  /** `user:password`. */
  readonly basic: string;
  /** Path that is read. */
  readonly read: string;
  /** Path that is written to; undefined for none. */
  readonly write: string | undefined;
}

/** Prints each step. @throws {SmokeError} with the step that failed. */
export async function testEdge({ url: edge, basic, read, write }: SmokeTest): Promise<void> {
  await untilUp(edge);
  const authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
  const client = await step('registers', () =>
    CaleClient.register({ edge, authorization, store: new MemoryKeyStore(), subject: 'smoke test' }),
  );
  say('registered');
  await step('reads', async () => say(`read ${read}: ${(await client.fetch(read)).status}`));
  if (write !== undefined) {
    await step('writes', async () => say(`wrote to ${write}: ${await post(client, write, false)}`));
    await step('writes sealed', async () => say(`wrote sealed to ${write}: ${await post(client, write, true)}`));
  }
  await step('asks who it is', async () => say(`is ${(await client.whoami()).owner}`));
  await step('revokes itself', async () => void (await client.revoke(await currentId(client))));
  await step('is revoked', () => assertUnreadable(client, read));
  say('revoked: its GUID is answered, and the answer cannot be read');
}

const say = (line: string): void => console.log(`  ${line}`);

const post = async (client: CaleClient, path: string, seal: boolean): Promise<number> =>
  (await client.fetch(path, { method: 'POST', body: 'hello', seal })).status;

/** @throws {SmokeError} when the list lacks the credential that asks for it. */
async function currentId(client: CaleClient): Promise<string> {
  const current = (await client.credentials()).find(({ isCurrent }) => isCurrent);
  if (current === undefined) throw new SmokeError('the list of credentials lacks the one that asked');
  return current.id;
}

/** @throws {SmokeError} when a revoked credential is not answered as an unknown GUID is. */
async function assertUnreadable(client: CaleClient, path: string): Promise<void> {
  const error = await client.fetch(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CaleError) || error.code !== 'unreadable') {
    throw new SmokeError('a revoked credential got an answer that it could read');
  }
}

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new SmokeError(
      `A client that ${what} at the edge fails: ${cause instanceof Error ? cause.message : 'unknown reason'}`,
      { cause },
    );
  }
}

async function untilUp(edge: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const status = await statusOf(new URL('/.well-known/cale', edge));
    if (status === 200) return;
    if (Date.now() > end) throw new SmokeError(`The edge does not answer at ${edge}: ${status ?? 'no connection'}.`);
    await setTimeout(AGAIN_MS);
  }
}

/** @returns undefined where there is no connection. */
async function statusOf(url: URL): Promise<number | undefined> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
