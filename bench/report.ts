/** The table of a run, in which each subject is compared with cale, and cale with its bounds. */

import type { Row } from './measuring/measure.ts';

/** The most times that cale may take what the subject `of` takes; below 1, it is at least so many times faster. */
interface Bound {
  readonly works: RegExp;
  readonly of: string;
  readonly most: number;
  readonly bytes?: number;
}

const BOUNDS: readonly Bound[] = [
  { works: /^(seal|open|sign|verify)-/, of: 'limit', most: 1.25 },
  { works: /^(seal|open)-/, of: 'jose', most: 1 },
  { works: /^(seal|open)-/, of: 'pkijs', most: 0.1, bytes: 1024 },
  { works: /^(issue-p256|check)$/, of: 'limit', most: 1.3 },
  { works: /^(issue-p256|check)$/, of: 'x509', most: 0.1 },
  { works: /^chain-/, of: 'bare', most: 1.6 },
];
/** Of a look-up in a shard, compared with the smallest shard. */
const MAX_RATIO_BY_ROWS = 1.2;
const MAX_STARTUP_US = 50_000;

export function formatTable(rows: readonly Row[]): string {
  const head = `${'work'.padEnd(28)}${'bytes'.padStart(9)}  ${'subject'.padEnd(8)}${'us'.padStart(10)}  cale is`;
  const lines = rows.map((row) => {
    const us = row.us.toFixed(1).padStart(10);
    const { work, bytes, subject } = row;
    return `${work.padEnd(28)}${String(bytes).padStart(9)}  ${subject.padEnd(8)}${us}  ${compare(row, rows)}`;
  });
  return [head, ...lines].join('\n');
}

/** The ratio of cale to the row's subject, and the bound that it is within or beyond. */
function compare({ work, bytes, subject, us }: Row, rows: readonly Row[]): string {
  if (work.startsWith('startup-')) return us <= MAX_STARTUP_US ? 'within 50 ms' : 'BEYOND 50 ms';
  if (work === 'validate-at-rows') {
    const first = rows.find((row) => row.work === work);
    return first === undefined || bytes === first.bytes ? '' : verdict(us / first.us, MAX_RATIO_BY_ROWS);
  }
  const cale = rows.find((row) => row.work === work && row.bytes === bytes && row.subject === 'cale');
  if (cale === undefined || subject === 'cale') return '';
  const bound = BOUNDS.find(
    (each) => each.works.test(work) && each.of === subject && (each.bytes === undefined || each.bytes === bytes),
  );
  return verdict(cale.us / us, bound?.most);
}

function verdict(ratio: number, most: number | undefined): string {
  const times = `${ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2)} times`;
  if (most === undefined) return times;
  return `${times}, ${ratio <= most ? 'within' : 'BEYOND'} ${most}`;
}
