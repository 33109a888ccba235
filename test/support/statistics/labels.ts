/** The side and the group of each row of a sample. Rows of one group, such as answers to one GUID, are no chances apart. */

export interface Labels {
  readonly isOurs: readonly boolean[];
  /** A number from 0 up for each group. A group is on one side only. */
  readonly groups: readonly number[];
}

/** @returns the labels of the rows at these places. */
export const labelsAt = ({ isOurs, groups }: Labels, places: readonly number[]): Labels => ({
  isOurs: places.map((at) => isOurs[at] ?? false),
  groups: places.map((at) => groups[at] ?? 0),
});

export const countOurs = ({ isOurs }: Labels): number => isOurs.filter(Boolean).length;

/** @returns the number of different groups on each side. */
export function countGroups({ isOurs, groups }: Labels): { ours: number; theirs: number } {
  const ours = new Set(groups.filter((_, at) => isOurs[at])).size;
  return { ours, theirs: new Set(groups).size - ours };
}

export const FOLDS = 5;

/**
 * @returns the fold of each row. A group is in one fold, because who judges by a GUID that was learned by heart has told
 *   nothing of others; each fold has its share of the groups of each side.
 */
export function foldsOf({ isOurs, groups }: Labels): Uint8Array {
  const folds = new Map<number, number>();
  const next = { ours: 0, theirs: 0 };
  return Uint8Array.from(groups, (group, at) => {
    const fold = folds.get(group) ?? next[isOurs[at] ? 'ours' : 'theirs']++ % FOLDS;
    folds.set(group, fold);
    return fold;
  });
}
