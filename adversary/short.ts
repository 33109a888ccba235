/** The short form, for tests: fewer samples, and nothing that depends on the clock. */

import type { Form } from './cases/forms.ts';
import { measureRoutesShort } from './cases/measure-routes.ts';
import type { Route } from './cases/routes.ts';
import { SHORT, type Stage, setStage } from './cases/stage.ts';
import type { Row } from './judging/row.ts';
import { DEPLOYMENTS, type DeploymentKind } from './serving/deployment.ts';

/**
 * One form of each route for each deployment: the first and the last one. Two are left to `npm run adversary`, because
 * they are beyond their bound at so few samples: answers that depend on what nobody asked before, and lengths of which an
 * origin has learned some of a thousand.
 */
const FORM_OF: Readonly<Record<string, (route: Route) => Form | undefined>> = {
  p256: ({ name, forms }) => (name === 'unseen' || name === 'varying' ? undefined : forms[0]),
  mixed: ({ name, forms }) => (name === 'unseen' ? undefined : forms.at(-1)),
};
const formOf = ({ name }: DeploymentKind) => FORM_OF[name] ?? (() => undefined);

export const setStageShort = (kind: DeploymentKind): Promise<Stage> =>
  setStage(kind, SHORT, (route) => formOf(kind)(route) ?? []);

export const measureStageShort = (stage: Stage): Promise<Row[]> =>
  measureRoutesShort(stage, formOf(stage.deployment.kind));

export async function measureShort(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of DEPLOYMENTS) {
    const stage = await setStageShort(kind);
    try {
      rows.push(...(await measureStageShort(stage)));
    } finally {
      await stage.deployment.close();
    }
  }
  return rows;
}
