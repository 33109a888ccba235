/** The table of a run: a line for each case with its worst features, and then each row that is beyond its bound. */

import { hasFailed, type Quantiles, type Row } from './judging/row.ts';

export function formatReport(rows: readonly Row[]): string {
  const cases = [...Map.groupBy(rows, (row) => `${row.deployment} ${row.case}`).values()];
  const failed = rows.filter(hasFailed);
  const doubtful = rows.filter(({ verdict }) => verdict === 'chance');
  const left = rows.filter(({ verdict }) => verdict === 'left');
  return [
    formatLine(['deployment', 'case', 'samples', 'form', 'chance', 'time', 'together', '']),
    ...cases.map(formatCase),
    '',
    `${rows.length} rows: ${failed.length} beyond their bound, ${doubtful.length} more no further than chance may go, ${left.length} left.`,
    ...(failed.length === 0 ? [] : ['', formatRowLine(HEAD), ...failed.map(formatRow)]),
  ].join('\n');
}

const isTime = ({ feature }: Row): boolean => feature.endsWith('time') || feature.endsWith('time-change');
const isTogether = ({ feature }: Row): boolean => feature.endsWith('together');

/** @param rows of one case. */
export function formatCase(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const form = worst(rows.filter((row) => !isTime(row) && !isTogether(row)));
  const [time, together] = [worst(rows.filter(isTime)), worst(rows.filter(isTogether))];
  const failed = rows.filter(hasFailed).length;
  return formatLine([
    first.deployment,
    first.case,
    `${first.ours}/${first.theirs}`,
    form === undefined ? '' : `${format(form.figure)} ${form.feature}`,
    format(form?.chance),
    format(time?.figure),
    format(together?.figure),
    failed === 0 ? verdictOf(rows) : `BEYOND in ${failed} of ${rows.length}`,
  ]);
}

const verdictOf = (rows: readonly Row[]): string =>
  rows.some(({ verdict }) => verdict === 'left') ? 'left' : 'within';

/** The row that is furthest beyond its bound. */
const worst = (rows: readonly Row[]): Row | undefined =>
  rows.toSorted((a, b) => Number(hasFailed(b)) - Number(hasFailed(a)) || b.figure - b.bound - (a.figure - a.bound))[0];

const format = (figure: number | undefined): string => figure?.toFixed(3) ?? '';

const HEAD = ['deployment', 'case', 'feature', 'figure', 'bound', 'chance', 'samples', 'GUIDs', 'verdict', 'us (95%)'];

const formatRow = (row: Row): string =>
  formatRowLine([
    row.deployment,
    row.case,
    row.feature,
    format(row.figure),
    format(row.bound),
    format(row.chance),
    `${row.ours}/${row.theirs}`,
    row.guids === undefined ? '' : `${row.guids.ours}/${row.guids.theirs}`,
    row.verdict,
    row.times === undefined ? '' : `${formatTimes(row.times.ours)} and ${formatTimes(row.times.theirs)}`,
  ]);

const formatTimes = ({ median, p95 }: Quantiles): string => `${median.toFixed(0)} (${p95.toFixed(0)})`;

const pad = (widths: readonly number[]) => (cells: readonly string[]) =>
  cells
    .map((cell, at) => cell.padEnd(widths[at] ?? 0))
    .join(' ')
    .trimEnd();
const formatLine = pad([10, 46, 11, 30, 6, 6, 8]);
const formatRowLine = pad([10, 46, 22, 7, 7, 7, 11, 9, 7]);
