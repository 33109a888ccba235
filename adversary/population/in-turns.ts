/** Does the work for each value, of which so many are under way at once; each takes the next one when it is done. */
export async function inTurns<T>(
  atOnce: number,
  values: readonly T[],
  work: (value: T, worker: number) => Promise<void>,
): Promise<void> {
  const next = values.values();
  await Promise.all(
    Array.from({ length: atOnce }, async (_, worker) => {
      for (let { value, done } = next.next(); !done; { value, done } = next.next()) await work(value as T, worker);
    }),
  );
}
