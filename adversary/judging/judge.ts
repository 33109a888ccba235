/** Judging two sides of answers by all features. */

import { areaEitherWay, areaUnderRoc, chanceArea, isOfGroups } from '../../test/support/statistics/area.ts';
import { chiSquared } from '../../test/support/statistics/chi-squared.ts';
import { classify } from '../../test/support/statistics/classifier.ts';
import { countGroups, countOurs, type Labels, labelsAt } from '../../test/support/statistics/labels.ts';
import { scoreNames } from '../../test/support/statistics/names.ts';
import type { Observed } from '../observing/observed.ts';
import { FIGURES, NAMES, rsaTop, TIMES } from './features.ts';
import { GUID_FIGURES, GUID_NAMES, GUID_TIMES } from './guid-features.ts';
import { BOUNDS, type Quantiles, type Row, withVerdict } from './row.ts';

export interface JudgedCase extends Pick<Row, 'deployment' | 'case'> {
  /** The fewest answers on each side that are enough. */
  readonly least: number;
  /** The same for GUIDs. Without it, no features of GUIDs are looked at. */
  readonly leastGuids?: number;
  /** False to leave out all that depends on the clock. */
  readonly isTimed: boolean;
}

/** Features by name, as a function of what is judged: an answer, or all answers to a GUID. */
interface Features<T> {
  readonly names: Readonly<Record<string, (of: T) => string>>;
  readonly figures: Readonly<Record<string, (of: T) => number | undefined>>;
  readonly times: Readonly<Record<string, (of: T) => number | undefined>>;
}

export function judge(of: JudgedCase, answers: readonly Observed[]): Row[] {
  const ofAnswers = { names: NAMES, figures: FIGURES, times: of.isTimed ? TIMES : {} };
  const rows = judgeAll(of, of.least, answers, labelsOf(answers), ofAnswers, 'together');
  rows.push(...judgeRsa(of, answers));
  if (of.leastGuids === undefined) return rows;
  const byGuid = [...Map.groupBy(answers, ({ guid }) => guid).values()];
  const labels = labelsOf(byGuid.flatMap(([first]) => first ?? []));
  const ofGuids = { names: GUID_NAMES, figures: GUID_FIGURES, times: of.isTimed ? GUID_TIMES : {} };
  return [...rows, ...judgeAll(of, of.leastGuids, byGuid, labels, ofGuids, 'guid-together')];
}

interface More {
  /** True when an adversary may guess either way. */
  readonly isEitherWay?: boolean;
  readonly isTime?: boolean;
}

/** @returns a row for each feature that the values have. */
export function judgeAll<T>(
  { deployment, case: name }: Pick<Row, 'deployment' | 'case'>,
  least: number,
  values: readonly T[],
  labels: Labels,
  { names, figures, times }: Features<T>,
  together?: string,
): Row[] {
  const rows: Row[] = [];
  const columns: ArrayLike<number>[] = [];
  const add = (feature: string, bound: number, scores: ArrayLike<number>, of: Labels, more: More = {}) => {
    const figure = (more.isEitherWay ? areaEitherWay : areaUnderRoc)(scores, of);
    const ours = countOurs(of);
    const counts = { ours, theirs: scores.length - ours, least, guids: countGroups(of) };
    const chance = chanceArea(scores, of);
    const isOfGuids = isOfGroups(scores, of);
    const quantiles = more.isTime ? { times: quantilesOf(scores, of) } : {};
    rows.push(
      withVerdict({ deployment, case: name, feature, figure, bound, chance, isOfGuids, ...counts, ...quantiles }),
    );
  };
  for (const [feature, nameOf] of Object.entries(names)) {
    const column = values.map(nameOf);
    columns.push(numbersOf(column));
    add(feature, BOUNDS.form, scoreNames(column, labels), labels);
  }
  for (const [bound, table] of [[BOUNDS.form, figures] as const, [BOUNDS.time, times] as const]) {
    for (const [feature, figureOf] of Object.entries(table)) {
      const column = values.map(figureOf);
      columns.push(column.map((figure) => figure ?? -1));
      const places = column.flatMap((figure, at) => (figure === undefined ? [] : at));
      // Where few answers have it, that is told by their key types.
      const has = labelsAt(labels, places);
      if (Math.min(countOurs(has), places.length - countOurs(has)) < Math.min(least, MIN_WITH_FIGURE)) continue;
      const scores = places.map((at) => column[at] ?? 0);
      add(feature, bound, scores, has, { isEitherWay: true, isTime: table === times });
    }
  }
  if (together !== undefined) add(together, BOUNDS.together, classify(columns, labels), labels);
  // Rows of a part of the answers are as many as there are.
  return rows.map((row) => (PARTIAL.has(row.feature) ? withVerdict({ ...row, least: 0 }) : row));
}

/** The fewest samples on each side for a figure that only some have. */
const MIN_WITH_FIGURE = 20;
/** Features that only answers to RSA keys have. */
const PARTIAL: ReadonlySet<string> = new Set(['rsa-top', 'guid-rsa-top', 'rsa-bound-change']);

/** Chi-squared of the first bits of RSA ciphertexts, which finds differences that are neither more nor less. */
function judgeRsa({ deployment, case: name }: JudgedCase, answers: readonly Observed[]): Row[] {
  const withRsa = answers.filter(({ envelope }) => rsaTop(envelope) !== undefined);
  if (withRsa.length === 0) return [];
  const labels = labelsOf(withRsa);
  const bins = withRsa.map(({ envelope }) => (rsaTop(envelope) ?? 0) >> RSA_BIN_SHIFT);
  const { perDegree, chance } = chiSquared(bins, labels);
  const ours = countOurs(labels);
  const counts = { ours, theirs: withRsa.length - ours, least: 0, guids: countGroups(labels) };
  return [
    withVerdict({ deployment, case: name, feature: 'rsa-chi-squared', figure: perDegree, bound: chance, ...counts }),
  ];
}

/** Of 16 bits, four are left. */
const RSA_BIN_SHIFT = 12;

export function labelsOf(answers: readonly Pick<Observed, 'isOurs' | 'guid'>[]): Labels {
  const numbers = new Map<string, number>();
  for (const { guid } of answers) if (!numbers.has(guid)) numbers.set(guid, numbers.size);
  return {
    isOurs: answers.map(({ isOurs }) => isOurs),
    groups: answers.map(({ guid }) => numbers.get(guid) ?? 0),
  };
}

function quantilesOf(times: ArrayLike<number>, { isOurs }: Labels): { ours: Quantiles; theirs: Quantiles } {
  const of = (side: boolean): Quantiles => {
    const sorted = Array.from(times)
      .filter((_, at) => isOurs[at] === side)
      .sort((a, b) => a - b);
    const quantile = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;
    return { median: quantile(0.5), p95: quantile(0.95) };
  };
  return { ours: of(true), theirs: of(false) };
}

/** A number for each name, in the order in which they come first. */
function numbersOf(names: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return names.map((name) => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
}
