/** Known against unknown GUIDs on each route: in each form, by one connection and by more, asked for again or never. */

import { judge } from '../judging/judge.ts';
import type { Row } from '../judging/row.ts';
import type { Observed } from '../observing/observed.ts';
import { unknownGuids } from '../population/guids.ts';
import type { Form } from './forms.ts';
import { ROUTES, type Route, type Subject } from './routes.ts';
import { sample } from './sampling.ts';
import type { Stage } from './stage.ts';

/** One way of asking on a route. */
interface Asking {
  readonly form: Form;
  readonly connections: number;
  /** True when no unknown GUID is asked for twice. */
  readonly isFresh: boolean;
}

const AT_ONCE = 8;

const askingsOf = ({ forms, isSafe }: Route): Asking[] => [
  ...forms.map((form) => ({ form, connections: AT_ONCE, isFresh: false })),
  { form: 'plain', connections: 1, isFresh: false },
  // To have seen its key identifier, a GUID must have been asked for.
  ...(isSafe ? [{ form: 'plain' as const, connections: AT_ONCE, isFresh: true }] : []),
];

export async function* measureRoutes(stage: Stage): AsyncGenerator<Row[]> {
  for (const route of ROUTES) for (const asking of askingsOf(route)) yield measureRoute(stage, route, asking);
}

/**
 * The short form: each route once, without what depends on the clock.
 * @param formOf chooses one of a route's forms, or none.
 */
export async function measureRoutesShort(stage: Stage, formOf: (route: Route) => Form | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  for (const route of ROUTES) {
    const form = formOf(route);
    if (form === undefined) continue;
    rows.push(...(await measureRoute(stage, route, { form, connections: AT_ONCE, isFresh: false }, false)));
  }
  return rows;
}

async function measureRoute(
  { deployment, facts, scale, known, unknown }: Stage,
  route: Route,
  { form, connections, isFresh }: Asking,
  isTimed = true,
): Promise<Row[]> {
  const name = `${route.name} ${form} x${connections}${isFresh ? ' fresh' : ''}`;
  const freshGuids = (): Subject[] => unknownGuids(scale.perSide).map((guid) => ({ guid, keyid: '' }));
  const rows = await sampleAndJudge(
    name,
    deployment.kind.name,
    // Of what is left there is no doubt.
    route.isLeft ? { ...scale, most: scale.perSide } : scale,
    isFresh ? undefined : scale.clients,
    isTimed,
    () =>
      sample({
        url: facts.url,
        ours: known,
        theirs: isFresh ? freshGuids() : unknown,
        perSide: scale.perSide,
        connections,
        message: (subject) => route.message(subject, form, facts),
      }),
  );
  return route.isLeft ? rows.map((row) => (row.verdict === 'BEYOND' ? { ...row, verdict: 'left' } : row)) : rows;
}

/** Samples, and samples more where chance leaves a doubt, or a figure is beyond it: the most samples decide. */
export async function sampleAndJudge(
  name: string,
  deployment: string,
  { perSide, most }: Stage['scale'],
  leastGuids: number | undefined,
  isTimed: boolean,
  take: () => Promise<Observed[]>,
): Promise<Row[]> {
  const answers: Observed[] = [];
  for (;;) {
    answers.push(...(await take()));
    const rows = judge(
      { deployment, case: name, least: perSide, isTimed, ...(leastGuids !== undefined && { leastGuids }) },
      answers,
    );
    if (!rows.some(isInDoubt) || answers.length + 2 * perSide > 2 * most) return rows;
  }
}

/** More answers help where a figure differs among the answers to one GUID; else there are too few GUIDs. */
const isInDoubt = ({ verdict, feature, isOfGuids = false }: Row): boolean =>
  (verdict === 'chance' || verdict === 'BEYOND') && !isOfGuids && !feature.startsWith('guid-');
