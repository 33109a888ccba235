/** A line of the result: a figure, its bound, and what chance gives at that number of samples. */

export interface Row {
  /** Name of the kind. */
  readonly deployment: string;
  readonly case: string;
  readonly feature: string;
  readonly figure: number;
  readonly bound: number;
  /** The figure that chance stays below; undefined where it is not worked out. */
  readonly chance?: number | undefined;
  /** True where the answers to one GUID are so alike in it that more of them would tell no more. */
  readonly isOfGuids?: boolean;
  /** Samples on each side, and the fewest that are enough. */
  readonly ours: number;
  readonly theirs: number;
  readonly least: number;
  /** Distinct GUIDs on each side. */
  readonly guids?: { readonly ours: number; readonly theirs: number };
  /** Where the feature is a time, in microseconds. */
  readonly times?: { readonly ours: Quantiles; readonly theirs: Quantiles };
  readonly verdict: Verdict;
}

export interface Quantiles {
  readonly median: number;
  /** 95 of 100 are below it. */
  readonly p95: number;
}

/**
 * `chance`: beyond the bound, and no more than so few samples may give by chance. `left`: beyond the bound where
 * docs/security.md says so. Neither is counted as a failure.
 */
export type Verdict = 'within' | 'chance' | 'left' | 'BEYOND' | 'TOO FEW';

export const BOUNDS = { form: 0.52, time: 0.55, together: 0.55, cpu: 1.2, t: 4.5 };

export function withVerdict(row: Omit<Row, 'verdict'>): Row {
  return { ...row, verdict: verdictOf(row) };
}

function verdictOf({ figure, bound, chance = bound, ours, theirs, least }: Omit<Row, 'verdict'>): Verdict {
  if (Math.min(ours, theirs) < least) return 'TOO FEW';
  if (figure <= bound) return 'within';
  return figure <= chance ? 'chance' : 'BEYOND';
}

export const hasFailed = ({ verdict }: Row): boolean => verdict === 'BEYOND' || verdict === 'TOO FEW';
