/** Number of Durable Objects that are asked at once. */
const AT_ONCE = 16;

/**
 * @returns the results, in the order of the members. No more than a group is under way at once.
 * @throws what `work` throws first.
 */
export async function inGroups<T, R>(members: readonly T[], work: (member: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < members.length; start += AT_ONCE) {
    results.push(...(await Promise.all(members.slice(start, start + AT_ONCE).map(work))));
  }
  return results;
}
