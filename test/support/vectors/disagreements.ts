/** Where the verdict on a vector is not what the vector says. */

import { Judge, type Verdict } from './judge.ts';
import { VECTOR_NAMES, type Vectors, type VectorTest } from './schema.ts';

const sameJson = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** @returns a sentence for each member of a verdict that the test does not have. */
export function disagreementsOf(name: string, test: VectorTest, verdict: Verdict): string[] {
  const says = test as unknown as Verdict;
  return Object.entries(verdict)
    .filter(([member, value]) => !sameJson(says[member], value))
    .map(([member, value]) => `${name}: ${test.id}: ${member} is ${JSON.stringify(value)}`);
}

/** @returns a sentence for each member of a test that the library sees in another way. */
export async function disagreements(vectors: Vectors): Promise<string[]> {
  const judge = await Judge.create(vectors);
  const found: string[] = [];
  for (const name of VECTOR_NAMES) {
    const verdicts = await judge.file(name, vectors[name]);
    for (const test of vectors[name].tests) found.push(...disagreementsOf(name, test, verdicts.get(test.id) ?? {}));
  }
  return found;
}
