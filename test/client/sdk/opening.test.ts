/** Answers that were altered on their way: each is the one error, with the one message. */

import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { CaleClient, CaleError, type KeyType, MemoryKeyStore } from '../../../client/index.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const MESSAGE = 'The answer cannot be opened with this key.';

/** A client whose answer to everything is the bytes that are set. */
async function clientOf(key: KeyType) {
  const store = new MemoryKeyStore();
  let recorded = new Uint8Array(0);
  let answer: Uint8Array<ArrayBuffer> | undefined;
  const tampering = async (input: RequestInfo | URL, init?: RequestInit) => {
    const headers = { 'Content-Type': 'application/pkcs7-mime' };
    if (answer !== undefined) return new Response(answer, { headers });
    recorded = new Uint8Array(await (await fetch(input, init)).arrayBuffer());
    return new Response(recorded, { headers });
  };
  await CaleClient.register({ edge: EDGE, authorization: ALICE, key, store });
  const client = (await CaleClient.load({ edge: EDGE, store, fetch: tampering as never })) as CaleClient;
  await client.fetch('/resource');
  return {
    recorded,
    async outcome(bytes: Uint8Array): Promise<string> {
      answer = Uint8Array.from(bytes);
      return client.fetch('/resource').then(
        (response) => `read: ${response.status}`,
        (error: unknown) => (error instanceof CaleError && error.code === 'unreadable' ? error.message : String(error)),
      );
    },
  };
}

/** The bytes with two stretches of them, which do not overlap, in each other's place. */
function reordered(bytes: Uint8Array, cuts: readonly number[]): Uint8Array {
  const [a = 0, b = 0, c = 0, d = 0] = cuts.toSorted((x, y) => x - y);
  const part = (from: number, to: number) => [...bytes.subarray(from, to)];
  return Uint8Array.from([...part(0, a), ...part(c, d), ...part(b, c), ...part(a, b), ...part(d, bytes.length)]);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

test.each(['P-256', 'P-384', 'P-521', 'RSA-2048'] satisfies KeyType[])(
  'an answer for %s with a bit flipped, cut off, lengthened or reordered',
  async (key) => {
    const { recorded, outcome } = await clientOf(key);
    expect(await outcome(recorded)).toBe('read: 200');
    const at = fc.nat(recorded.length - 1);
    const altered = fc.oneof(
      fc.tuple(at, fc.nat(7)).map(([at, bit]) => recorded.with(at, (recorded[at] ?? 0) ^ (1 << bit))),
      at.map((length) => recorded.subarray(0, length)),
      fc.uint8Array({ minLength: 1 }).map((more) => Uint8Array.from([...recorded, ...more])),
      fc.array(at, { minLength: 4, maxLength: 4 }).map((cuts) => reordered(recorded, cuts)),
      fc.uint8Array(),
    );
    const property = fc.asyncProperty(altered, async (bytes) => {
      fc.pre(!isSame(bytes, recorded));
      expect(await outcome(bytes)).toBe(MESSAGE);
    });
    await fc.assert(property, { numRuns: 400 });
  },
);

test('an answer for somebody else, and one to an unknown GUID', async () => {
  const { outcome } = await clientOf('P-256');
  const other = await clientOf('P-256');
  expect(await outcome(other.recorded)).toBe(MESSAGE);
  const headers = { 'CALE-GUID': crypto.randomUUID(), Accept: 'application/pkcs7-mime' };
  const decoy = new Uint8Array(await (await fetch(`${EDGE}/resource`, { headers })).arrayBuffer());
  expect(await outcome(decoy)).toBe(MESSAGE);
});
