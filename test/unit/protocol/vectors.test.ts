/** The vectors for other clients (test/vectors/cale): the library takes what is valid in them, and refuses the rest. */

import { beforeAll, describe, expect, test } from 'vitest';
import { disagreements, disagreementsOf } from '../../support/vectors/disagreements.ts';
import { Judge } from '../../support/vectors/judge.ts';
import { VECTOR_NAMES, VECTORS_VERSION, type Vectors } from '../../support/vectors/schema.ts';
import binaryHttp from '../../vectors/cale/binary-http.json';
import credentials from '../../vectors/cale/credentials.json';
import edge from '../../vectors/cale/edge.json';
import keys from '../../vectors/cale/keys.json';
import registration from '../../vectors/cale/registration.json';
import sealedAnswers from '../../vectors/cale/sealed-answers.json';
import sealedRequests from '../../vectors/cale/sealed-requests.json';
import signedAnswers from '../../vectors/cale/signed-answers.json';
import signedRequests from '../../vectors/cale/signed-requests.json';
import whoami from '../../vectors/cale/whoami.json';

const vectors = {
  keys,
  edge,
  registration,
  'sealed-answers': sealedAnswers,
  'binary-http': binaryHttp,
  'signed-answers': signedAnswers,
  'signed-requests': signedRequests,
  'sealed-requests': sealedRequests,
  whoami,
  credentials,
} as unknown as Vectors;

let judge: Judge;
beforeAll(async () => {
  judge = await Judge.create(vectors);
});

describe.each(VECTOR_NAMES)('%s.json', (name) => {
  const { version, tests } = vectors[name];

  test('has the version of its README, and one test of each id', () => {
    expect(version).toBe(VECTORS_VERSION);
    expect(new Set(tests.map(({ id }) => id)).size).toBe(tests.length);
  });

  test('says of each test what the library makes of it', async () => {
    const verdicts = await judge.file(name, vectors[name]);
    const found = tests.flatMap((each) => disagreementsOf(name, each, verdicts.get(each.id) ?? {}));
    expect(found).toEqual([]);
    expect(verdicts.size).toBe(tests.length);
  });

  // A key is neither valid nor not.
  if (name === 'keys') return;
  test('has tests to take, and tests to refuse, each with its reason', () => {
    const outcomes = tests as readonly { valid: boolean; reason?: string }[];
    expect(outcomes.filter(({ valid }) => valid).length).toBeGreaterThan(3);
    const refused = outcomes.filter(({ valid }) => !valid);
    expect(refused.length).toBeGreaterThan(3);
    expect(refused.filter(({ reason }) => reason === undefined || reason === '')).toEqual([]);
  });
});

test('a test that is altered is told', async () => {
  const [first, ...others] = vectors['sealed-answers'].tests;
  const altered = { ...first, content: 'AAAA' } as typeof first & object;
  const file = { ...vectors['sealed-answers'], tests: [altered, ...others] };
  const found = await disagreements({ ...vectors, 'sealed-answers': file });
  expect(found).toEqual([expect.stringMatching(`^sealed-answers: ${altered.id}: content is `)]);
});
