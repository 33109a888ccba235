/** Telling two sides apart by names, such as all header fields of an answer in one line. */

import { FOLDS, foldsOf, type Labels } from './labels.ts';

interface Counts {
  ours: number;
  theirs: number;
}

/**
 * @returns a score for each row: how much more often its name came on our side, among the rows of the other folds. The
 *   area under the ROC curve of the scores is that of the best guess by the name, without what was learned by heart.
 */
export function scoreNames(names: readonly string[], labels: Labels): Float64Array {
  const folds = foldsOf(labels);
  const scores = new Float64Array(names.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const byName = new Map<string, Counts>();
    const all: Counts = { ours: 0, theirs: 0 };
    for (const [at, name] of names.entries()) {
      if (folds[at] === fold) continue;
      const counts = byName.get(name) ?? { ours: 0, theirs: 0 };
      byName.set(name, counts);
      const side = labels.isOurs[at] ? 'ours' : 'theirs';
      counts[side]++;
      all[side]++;
    }
    for (const [at, name] of names.entries()) {
      if (folds[at] !== fold) continue;
      const { ours, theirs } = byName.get(name) ?? { ours: 0, theirs: 0 };
      scores[at] = Math.log(((ours + 1) * (all.theirs + 1)) / ((theirs + 1) * (all.ours + 1)));
    }
  }
  return scores;
}
