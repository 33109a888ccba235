/** Answers that were altered on their way: each is the one error, with the one message. */

import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import type { KeyType } from '../../../client/index.ts';
import { createVictim, outcomeOf, sealedResponse, UNREADABLE } from '../../support/middle.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const PATH = '/resource/40';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a client makes of an answer whose bytes were changed on their way. */
type OutcomeWith = (change: (bytes: Bytes) => Bytes | Promise<Bytes>) => Promise<string>;

async function clientOf(key: KeyType): Promise<OutcomeWith> {
  const victim = await createVictim({ edge: EDGE, authorization: ALICE }, key);
  return (change) => {
    victim.middle.tamper(async (_, forward) => {
      const bytes = new Uint8Array(await (await forward()).arrayBuffer());
      return sealedResponse(await change(bytes));
    });
    return outcomeOf(victim.client.fetch(PATH));
  };
}

/** The bytes with two stretches of them, which do not overlap, in each other's place. */
function reordered(bytes: Bytes, cuts: readonly number[]): Bytes {
  const [a = 0, b = 0, c = 0, d = 0] = cuts.toSorted((x, y) => x - y);
  const part = (from: number, to: number) => [...bytes.subarray(from, to)];
  return Uint8Array.from([...part(0, a), ...part(c, d), ...part(b, c), ...part(a, b), ...part(d, bytes.length)]);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Changes of bytes, of which some are none. */
const changes: fc.Arbitrary<(bytes: Bytes) => Bytes> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(7)).map(([at, bit]) => (bytes: Bytes) => {
    const index = at % bytes.length;
    return bytes.with(index, (bytes[index] ?? 0) ^ (1 << bit));
  }),
  fc.nat().map((length) => (bytes: Bytes) => bytes.slice(0, length % bytes.length)),
  fc.uint8Array({ minLength: 1 }).map((more) => (bytes: Bytes) => Uint8Array.from([...bytes, ...more])),
  fc.array(fc.nat(), { minLength: 4, maxLength: 4 }).map(
    (cuts) => (bytes: Bytes) =>
      reordered(
        bytes,
        cuts.map((cut) => cut % bytes.length),
      ),
  ),
  fc.uint8Array().map((other) => () => Uint8Array.from(other)),
);

test.each(['P-256', 'P-384', 'P-521', 'RSA-2048'] satisfies KeyType[])(
  'an answer for %s with a bit flipped, cut off, lengthened or reordered',
  async (key) => {
    const outcomeWith = await clientOf(key);
    expect(await outcomeWith((bytes) => bytes)).toBe('read: 200');
    const property = fc.asyncProperty(changes, async (change) => {
      let isChanged = false;
      const outcome = await outcomeWith((bytes) => {
        const changed = change(bytes);
        isChanged = !isSame(changed, bytes);
        return changed;
      });
      expect(outcome).toBe(isChanged ? UNREADABLE : 'read: 200');
    });
    await fc.assert(property, { numRuns: 400 });
  },
);

test('an answer for another client, and one to a GUID that no client has', async () => {
  const outcomeWith = await clientOf('P-256');
  const other = await createVictim({ edge: EDGE, authorization: ALICE });
  const askAs = async (guid: string): Promise<Bytes> => {
    const headers = { 'CALE-GUID': guid, 'CALE-Accept': 'message/bhttp', Accept: 'application/pkcs7-mime' };
    return new Uint8Array(await (await fetch(EDGE + PATH, { headers })).arrayBuffer());
  };
  expect(await outcomeWith(() => askAs(other.account.guid))).toBe(UNREADABLE);
  expect(await outcomeWith(() => askAs(crypto.randomUUID()))).toBe(UNREADABLE);
});
