/** The short form, for tests: fewer samples, and nothing that depends on the clock. */

import type { Form } from './cases/forms.ts';
import { measureControls } from './cases/measure-controls.ts';
import { measureRoutesShort } from './cases/measure-routes.ts';
import type { Route } from './cases/routes.ts';
import { SHORT, setStage } from './cases/stage.ts';
import type { Row } from './judging/row.ts';
import { DEPLOYMENTS, type DeploymentKind } from './serving/deployment.ts';

/**
 * One form of each route for each deployment: the first and the last one. Left to `npm run adversary` are answers that
 * depend on what was not asked for before.
 */
const FORM_OF: Readonly<Record<string, (route: Route) => Form | undefined>> = {
  p256: ({ isLeft, forms }) => (isLeft ? undefined : forms[0]),
  mixed: ({ isLeft, forms }) => (isLeft ? undefined : forms.at(-1)),
};
const formOf = ({ name }: DeploymentKind) => FORM_OF[name] ?? (() => undefined);

/** Left to it as well: lengths that vary, one by one, since after so few answers an origin has seen some of a thousand. */
const isLeftOut = (row: Row): boolean =>
  row.case.startsWith('varying') && /^(exact-lengths|together|guid-together)$/.test(row.feature);

export async function measureShort(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of DEPLOYMENTS) {
    const stage = await setStage(kind, SHORT, (route) => formOf(kind)(route) ?? []);
    try {
      for await (const some of measureControls(stage)) rows.push(...some);
      rows.push(...(await measureRoutesShort(stage, formOf(kind))).filter((row) => !isLeftOut(row)));
    } finally {
      await stage.deployment.close();
    }
  }
  return rows;
}
