/** The short form, for tests: fewer samples, and nothing that depends on the clock. */

import type { Form } from './cases/forms.ts';
import { measureRoutesShort } from './cases/measure-routes.ts';
import type { Route } from './cases/routes.ts';
import { SHORT, type Stage, setStage } from './cases/stage.ts';
import type { Row } from './judging/row.ts';
import { DEPLOYMENTS } from './serving/deployment.ts';

/** One form of each route for each deployment: the first and the last one. */
const FORM_OF: Readonly<Record<string, (route: Route) => Form>> = {
  p256: ({ forms }) => forms[0] ?? 'plain',
  mixed: ({ forms }) => forms.at(-1) ?? 'plain',
};

export const measureStageShort = (stage: Stage): Promise<Row[]> =>
  measureRoutesShort(stage, FORM_OF[stage.deployment.kind.name] ?? (() => 'plain'));

export async function measureShort(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of DEPLOYMENTS) {
    const stage = await setStage(kind, SHORT);
    try {
      rows.push(...(await measureStageShort(stage)));
    } finally {
      await stage.deployment.close();
    }
  }
  return rows;
}
