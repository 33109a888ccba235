/** The short form, for tests: fewer samples, and nothing that depends on the clock. */

import { measureRoutesShort } from './cases/measure-routes.ts';
import { SHORT, setStage } from './cases/stage.ts';
import type { Row } from './judging/row.ts';
import { DEPLOYMENTS } from './serving/deployment.ts';

export async function measureShort(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of DEPLOYMENTS) {
    const stage = await setStage(kind, SHORT);
    try {
      rows.push(...(await measureRoutesShort(stage)));
    } finally {
      await stage.deployment.close();
    }
  }
  return rows;
}
