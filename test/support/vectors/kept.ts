/** Vectors that are there already. Random parts are made once: a test that asks for the same again is kept as it is. */

import { isDeepStrictEqual } from 'node:util';
import type { VectorTest } from './schema.ts';

export class KeptTests<T extends VectorTest> {
  readonly #tests: ReadonlyMap<string, T>;

  /** @param file as it was read; undefined where there is none. */
  constructor(file: { readonly tests: readonly T[] } | undefined) {
    this.#tests = new Map((file?.tests ?? []).map((each) => [each.id, each]));
  }

  /**
   * @param given members that say what the test is.
   * @param make gives the other ones.
   * @returns the test that is there, where its given members are these; otherwise a new one.
   */
  async take<Given extends VectorTest>(
    given: Given,
    make: () => Promise<Omit<T, keyof Given>>,
  ): Promise<Given & Omit<T, keyof Given>> {
    const kept = this.#tests.get(given.id) as Record<string, unknown> | undefined;
    const isSame =
      kept !== undefined && Object.entries(given).every(([name, value]) => isDeepStrictEqual(kept[name], value));
    return isSame ? (kept as Given & Omit<T, keyof Given>) : { ...given, ...(await make()) };
  }
}
