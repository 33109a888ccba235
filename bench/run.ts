/** npm run bench: measures all, prints a table, and with --json FILE writes the rows. */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Row } from './measure.ts';
import { measureStartups } from './startup/startup.ts';
import { measureChains, measureCrypto, measureRows } from './works.ts';

const GROUPS: Record<string, () => Promise<Row[]>> = {
  crypto: measureCrypto,
  chain: measureChains,
  rows: measureRows,
  startup: measureStartups,
};

/** At most so many times what it is held against (`of`), or at least so many times faster (`below` 1). */
const BOUNDS: readonly {
  readonly works: RegExp;
  readonly of: string;
  readonly most: number;
  readonly bytes?: number;
}[] = [
  { works: /^(seal|open)-/, of: 'limit', most: 1.25 },
  { works: /^(seal|open)-/, of: 'jose', most: 1 },
  { works: /^(seal|open)-/, of: 'pkijs', most: 0.1, bytes: 1024 },
  { works: /^(issue-p256|check)$/, of: 'limit', most: 1.3 },
  { works: /^(issue-p256|check)$/, of: 'x509', most: 0.1 },
  { works: /^chain-/, of: 'bare', most: 1.6 },
];
const MOST_AT_A_MILLION_ROWS = 1.2;
const MOST_US_OF_A_STARTUP = 50_000;

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const groups = positionals.length === 0 ? Object.keys(GROUPS) : positionals;
const unknown = groups.filter((group) => GROUPS[group] === undefined);
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} to measure, only: ${Object.keys(GROUPS).join(', ')}.`);
  process.exit(2);
}

const rows: Row[] = [];
for (const group of groups) rows.push(...((await GROUPS[group]?.()) ?? []));

console.log(`${'work'.padEnd(24)}${'bytes'.padStart(9)}  ${'subject'.padEnd(8)}${'us'.padStart(10)}  cale is`);
for (const row of rows) {
  const us = row.us.toFixed(1).padStart(10);
  console.log(
    `${row.work.padEnd(24)}${String(row.bytes).padStart(9)}  ${row.subject.padEnd(8)}${us}  ${comparison(row)}`,
  );
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);

/** How cale stands to the row's subject, and whether that is within the bound. */
function comparison({ work, bytes, subject, us }: Row): string {
  if (work.startsWith('startup-')) return us <= MOST_US_OF_A_STARTUP ? 'within 50 ms' : 'BEYOND 50 ms';
  if (work === 'validate-at-rows') {
    const [first] = rows.filter((row) => row.work === work);
    return first === undefined || bytes === first.bytes ? '' : verdict(us / first.us, MOST_AT_A_MILLION_ROWS);
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
