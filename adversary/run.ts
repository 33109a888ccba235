/**
 * npm run adversary [controls|routes|variants|malformed|bodies|cpu|cold|changes|dudect ...]: tells known from unknown GUIDs as well
 * as it can, and fails when it can too well. -- --json FILE writes the rows, --short is the short form, and --deployment
 * NAME takes one of the deployments.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureBodies } from './cases/measure-bodies.ts';
import { measureChanges } from './cases/measure-changes.ts';
import { measureCold } from './cases/measure-cold.ts';
import { measureControls } from './cases/measure-controls.ts';
import { measureCpu } from './cases/measure-cpu.ts';
import { measureMalformed } from './cases/measure-malformed.ts';
import { measureRoutes } from './cases/measure-routes.ts';
import { measureVariants } from './cases/measure-variants.ts';
import { LONG, type Stage, setStage } from './cases/stage.ts';
import { measureAdminToken } from './dudect/measure-admin-token.ts';
import { measureLookup } from './dudect/measure-lookup.ts';
import { hasFailed, type Row } from './judging/row.ts';
import { formatCase, formatReport } from './report.ts';
import { DEPLOYMENTS } from './serving/deployment.ts';
import { measureShort } from './short.ts';

/** In their order: the last ones start Workers again, and revoke GUIDs. */
const CASES: Readonly<Record<string, (stage: Stage) => AsyncGenerator<Row[]>>> = {
  controls: measureControls,
  routes: measureRoutes,
  variants: measureVariants,
  malformed: measureMalformed,
  bodies: measureBodies,
  cpu: measureCpu,
  cold: measureCold,
  changes: measureChanges,
};
const DUDECT = 'dudect';

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' }, short: { type: 'boolean' }, deployment: { type: 'string' } },
  allowPositionals: true,
});
const names = [...Object.keys(CASES), DUDECT];
const deployments = DEPLOYMENTS.filter(({ name }) => name === (values.deployment ?? name));
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0 || deployments.length === 0) {
  console.error(`There are only the cases ${names.join(', ')} and the deployments p256 and mixed.`);
  process.exit(2);
}
const isWanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name);

// Otherwise the Workers would outlive it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const rows: Row[] = [];
if (values.short) rows.push(...(await measureShort()));
else await measureLong();
writeRows();
console.log(formatReport(rows));
process.exitCode = rows.some(hasFailed) ? 1 : 0;

async function measureLong(): Promise<void> {
  const cases = Object.entries(CASES).filter(([name]) => isWanted(name));
  for (const kind of cases.length === 0 ? [] : deployments) {
    const stage = await setStage(kind, LONG);
    try {
      for (const [, measure] of cases) for await (const some of measure(stage)) add(some);
    } finally {
      await stage.deployment.close();
    }
  }
  if (isWanted(DUDECT)) for (const measure of [measureAdminToken, measureLookup]) add([await measure()]);
}

/** Shows what was found, since a run takes minutes. */
function add(some: readonly Row[]): void {
  rows.push(...some);
  console.error(formatCase(some));
  writeRows();
}

function writeRows(): void {
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
}
