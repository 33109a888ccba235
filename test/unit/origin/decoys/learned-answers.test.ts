import { describe, expect, test } from 'vitest';
import { FIRST_FORM } from '../../../../origin/decoys/answer-form.ts';
import { LearnedAnswers } from '../../../../origin/decoys/learned-answers.ts';
import { namesOf } from '../../../../origin/decoys/request-names.ts';
import type { DatedAnswer } from '../../../../origin/decoys/route-answers.ts';
import { encodeSnapshot, parseSnapshot } from '../../../../origin/decoys/snapshot.ts';
import type { FieldLines } from '../../../../shared/protocol/http-signature.ts';

const MINUTE = 60_000;
const NOW = 1_800_000_000_000;

const answer = (bytes: number, at = NOW): DatedAnswer => ({
  form: { ...FIRST_FORM, bytes },
  milliseconds: bytes % 7,
  readsBody: false,
  at,
});
const names = (url: string, route = 'GET /x', fields: FieldLines = []) => ({
  ...namesOf({ method: 'GET', targetUri: url, fields }, ''),
  route,
});

const drawn = (learned: LearnedAnswers, client: number, name = names('/other')) =>
  learned.draw(name, client)?.form.bytes;

describe('of one client', () => {
  test('one answer a minute is learned, so that it cannot decide how decoys look', () => {
    const learned = new LearnedAnswers();
    learned.learn(names('/a'), 1, answer(10));
    for (let i = 0; i < 1000; i++) expect(learned.learn(names('/a'), 2, answer(20))).toBe(i === 0);
    expect(learned.known.routes.get('GET /x')?.size).toBe(2);
    expect(learned.learn(names('/a'), 2, answer(20, NOW + MINUTE))).toBe(true);
    expect(learned.known.routes.get('GET /x')?.size).toBe(3);
  });

  test('an answer with the same time is learned for each route', () => {
    const learned = new LearnedAnswers();
    expect(learned.learn(names('/a', 'GET /a'), 1, answer(10))).toBe(true);
    expect(learned.learn(names('/b', 'GET /b'), 1, answer(20))).toBe(true);
    expect([drawn(learned, 9, names('/', 'GET /a')), drawn(learned, 9, names('/', 'GET /b'))]).toEqual([10, 20]);
  });
});

test('one client that makes up paths does not drive out those of others', () => {
  const learned = new LearnedAnswers();
  learned.learn(names('/a', 'GET /a'), 1, answer(10));
  for (let route = 0; route < 1000; route++) learned.learn(names(`/${route}`, `GET /${route}`), 2, answer(20));
  expect(learned.known.routes.has('GET /a')).toBe(true);
});

describe('where answers to a client are alike', () => {
  const learned = new LearnedAnswers();
  for (let client = 0; client < 400; client++) {
    for (const at of [NOW, NOW + MINUTE]) learned.learn(names('/a'), client, answer(client % 4 === 0 ? 100 : 200, at));
  }

  test('one without a credential gets the same form each time', () => {
    for (let client = 1000; client < 1050; client++) {
      const first = drawn(learned, client);
      for (let i = 0; i < 20; i++) expect(drawn(learned, client)).toBe(first);
    }
  });

  test('each form is as frequent as among clients', () => {
    const clients = Array.from(crypto.getRandomValues(new Uint32Array(1000)));
    const short = clients.filter((client) => drawn(learned, client) === 100).length;
    // A quarter of 1,000, within six standard deviations of 13.7.
    expect(Math.abs(short - 250)).toBeLessThan(83);
  });

  test('what is learned later changes few', () => {
    const before = Array.from({ length: 200 }, (_, client) => drawn(learned, 5000 + client));
    for (let client = 500; client < 520; client++) learned.learn(names('/a'), client, answer(100, NOW + 2 * MINUTE));
    expect(Array.from({ length: 200 }, (_, client) => drawn(learned, 5000 + client))).toEqual(before);
  });
});

describe('where answers to a client vary', () => {
  const learned = new LearnedAnswers();
  for (let client = 0; client < 300; client++) {
    for (const bytes of [client, 1000 + client]) learned.learn(names('/a'), client, answer(bytes));
  }

  test('one without a credential gets another one each time', () => {
    const seen = new Set(Array.from({ length: 100 }, () => drawn(learned, 7)));
    expect(seen.size).toBeGreaterThan(50);
  });

  /** Draws many lengths, after each of the clients got one that is drawn from the choices in each of two minutes. */
  const drawnOf = (clients: number, lengthOf: (choice: number, minute: number) => number, choices: number) => {
    const learned = new LearnedAnswers();
    const given = new Set<number>();
    for (let client = 0; client < clients; client++) {
      for (const minute of [0, 1]) {
        const length = lengthOf(Math.floor(Math.random() * choices), minute);
        given.add(length);
        learned.learn(names('/a'), client, answer(length, NOW + minute * MINUTE));
      }
    }
    return { given, lengths: Array.from({ length: 20_000 }, () => drawn(learned, 7) ?? 0) };
  };

  test('lengths between those of others are drawn, and none that is far from all', () => {
    const { given, lengths } = drawnOf(100, (choice, minute) => 100 + 5000 * minute + choice, 1000);
    expect(new Set(lengths).size).toBeGreaterThan(4 * given.size);
    const isNear = (length: number) => (length >= 100 && length < 1100) || (length >= 5100 && length < 6100);
    expect(lengths.every(isNear)).toBe(true);
  });

  test('lengths that come in steps, as those of base64, are drawn in these steps', () => {
    const { given, lengths } = drawnOf(100, (choice) => 101 + 4 * choice, 1000);
    expect(new Set(lengths).size).toBeGreaterThan(3 * given.size);
    expect(lengths.every((length) => length % 4 === 1)).toBe(true);
  });

  test('where each length came several times, none is more frequent because it did by chance', () => {
    const { lengths } = drawnOf(2048, (choice) => choice, 1024);
    const counts = new Array<number>(1024).fill(0);
    for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
    const mean = lengths.length / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    // Drawn from all lengths alike it is the mean, and from those that came as often as they came, five times as much.
    expect(variance / mean).toBeLessThan(2);
  });

  test('where lengths have nothing in common but come again, only those are drawn', () => {
    const { given, lengths } = drawnOf(1000, (choice) => 100 + choice ** 2, 200);
    expect(lengths.every((length) => given.has(length))).toBe(true);
  });

  test('where there are few lengths, only those are drawn', () => {
    const few = new LearnedAnswers();
    for (let client = 0; client < 60; client++) {
      for (const [minute, bytes] of [100, 200].entries()) {
        few.learn(names('/a'), client, answer(bytes, NOW + minute * MINUTE));
      }
    }
    expect(new Set(Array.from({ length: 100 }, () => drawn(few, 7)))).toEqual(new Set([100, 200]));
  });
});

test('of the very same request, once there are enough answers to it, and else of its route', () => {
  const learned = new LearnedAnswers();
  for (let client = 0; client < 7; client++) learned.learn(names('/x/100'), client, answer(100));
  for (let client = 0; client < 200; client++) learned.learn(names(`/x/${1000 + client}`), 100 + client, answer(5000));
  const few = Array.from({ length: 60 }, (_, client) => drawn(learned, 9000 + client, names('/x/100')));
  expect(new Set(few).has(5000)).toBe(true);
  learned.learn(names('/x/100'), 8, answer(100));
  for (let client = 0; client < 60; client++) expect(drawn(learned, 9000 + client, names('/x/100'))).toBe(100);
});

test('with a field that was not sent before, of those to its URL', () => {
  const learned = new LearnedAnswers();
  for (let client = 0; client < 20; client++) learned.learn(names('/x/100'), client, answer(100));
  for (let client = 0; client < 200; client++) learned.learn(names('/x/5000'), client, answer(5000));
  for (let client = 0; client < 20; client++) {
    expect(drawn(learned, 9000 + client, names('/x/100', 'GET /x', [['accept-language', 'cy']]))).toBe(100);
  }
});

test('a request that comes often is kept, however many others come once', () => {
  const learned = new LearnedAnswers();
  for (let client = 0; client < 20; client++) learned.learn(names('/x/100'), client, answer(100));
  for (let client = 0; client < 2000; client++) learned.learn(names(`/x/${1000 + client}`), client, answer(5000));
  for (let client = 0; client < 20; client++) expect(drawn(learned, 9000 + client, names('/x/100'))).toBe(100);
});

test('what is known of a request outlives the process, without its URL', () => {
  const learned = new LearnedAnswers();
  for (let client = 0; client < 20; client++) {
    learned.learn(names('/x/carol/100'), client, answer(100));
    learned.learn(names(`/x/${client}`), client, answer(5000));
  }
  const text = encodeSnapshot(learned.known);
  expect(text).not.toContain('carol');
  const restored = new LearnedAnswers();
  restored.restore(parseSnapshot(text));
  for (let client = 0; client < 20; client++) expect(drawn(restored, 9000 + client, names('/x/carol/100'))).toBe(100);
});

test('a day old is forgotten when others come, and no more is kept than fits', () => {
  const learned = new LearnedAnswers();
  for (let client = 0; client < 5000; client++) learned.learn(names('/a'), client, answer(10));
  expect(learned.known.routes.get('GET /x')?.size).toBe(4096);
  learned.learn(names('/a'), 1, answer(20, NOW + 24 * 60 * MINUTE + 1));
  expect(learned.known.routes.get('GET /x')?.size).toBe(1);
  expect(drawn(learned, 1)).toBe(20);
  for (let route = 0; route < 1000; route++) learned.learn(names(`/${route}`, `GET /${route}`), route, answer(10));
  expect(learned.known.routes.size).toBe(256);
});

test('nothing is drawn for a route that nothing is known of', () => {
  expect(new LearnedAnswers().draw(names('/a'), 1)).toBeUndefined();
});
