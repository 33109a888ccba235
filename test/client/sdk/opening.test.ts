/** Whatever is done to an answer on its way: it is the one error, with the one message. */

import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { CaleClient, CaleError, type KeyType, MemoryKeyStore } from '../../../client/index.ts';
import type {} from './provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const MESSAGE = 'The answer cannot be opened with this key.';

/** A client whose answer to everything is the octets that are set. */
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
    async outcome(octets: Uint8Array): Promise<string> {
      answer = Uint8Array.from(octets);
      return client.fetch('/resource').then(
        (response) => `read: ${response.status}`,
        (error: unknown) => (error instanceof CaleError && error.code === 'unreadable' ? error.message : String(error)),
      );
    },
  };
}

/** The octets with two stretches of them, which do not overlap, in each other's place. */
function reordered(octets: Uint8Array, cuts: readonly number[]): Uint8Array {
  const [a = 0, b = 0, c = 0, d = 0] = cuts.toSorted((x, y) => x - y);
  const part = (from: number, to: number) => [...octets.subarray(from, to)];
  return Uint8Array.from([...part(0, a), ...part(c, d), ...part(b, c), ...part(a, b), ...part(d, octets.length)]);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((octet, at) => octet === b[at]);

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
    const property = fc.asyncProperty(altered, async (octets) => {
      fc.pre(!isSame(octets, recorded));
      expect(await outcome(octets)).toBe(MESSAGE);
    });
    await fc.assert(property, { numRuns: 400 });
  },
);

test('an answer for somebody else, and one with a GUID that nobody has', async () => {
  const { outcome } = await clientOf('P-256');
  const other = await clientOf('P-256');
  expect(await outcome(other.recorded)).toBe(MESSAGE);
  const headers = { 'CALE-GUID': crypto.randomUUID(), Accept: 'application/pkcs7-mime' };
  const decoy = new Uint8Array(await (await fetch(`${EDGE}/resource`, { headers })).arrayBuffer());
  expect(await outcome(decoy)).toBe(MESSAGE);
});
