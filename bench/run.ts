/** npm run bench [crypto|chain|rows|startup|memory ...]: measures, prints a table, and with --json FILE writes the rows. */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureChains } from './chain/measure-chains.ts';
import { measureCrypto } from './crypto/measure-crypto.ts';
import type { Row } from './measuring/measure.ts';
import { measureMemory } from './memory/measure-memory.ts';
import { formatTable } from './report.ts';
import { measureRows } from './rows/measure-rows.ts';
import { measureStartups } from './startup/measure-startups.ts';

const GROUPS: Record<string, () => Promise<Row[]>> = {
  crypto: measureCrypto,
  chain: measureChains,
  rows: measureRows,
  startup: measureStartups,
  // In MiB, and not in microseconds: it has a table of its own.
  async memory() {
    console.log(await measureMemory());
    return [];
  },
};

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const groups = positionals.length === 0 ? Object.keys(GROUPS) : positionals;
const unknown = groups.filter((group) => GROUPS[group] === undefined);
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')} to measure, only: ${Object.keys(GROUPS).join(', ')}.`);
  process.exit(2);
}

const rows: Row[] = [];
for (const group of groups) rows.push(...((await GROUPS[group]?.()) ?? []));
console.log(formatTable(rows));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
