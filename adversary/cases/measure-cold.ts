/** Isolates that have just started, and are asked for unknown GUIDs before any known one. */

import { shuffle } from '../../test/support/statistics/random.ts';
import { judge, judgeAll, labelsOf } from '../judging/judge.ts';
import type { Row } from '../judging/row.ts';
import type { Observed } from '../observing/observed.ts';
import { CONSTANT, MISSING, type Route, type Subject } from './routes.ts';
import { exchangeAll } from './sampling.ts';
import type { Stage } from './stage.ts';

const STARTS = 20;
const PER_START = 100;
const COLD_ROUTES: readonly Route[] = [CONSTANT, MISSING];

/**
 * Starts workerd many times on the same storage. Of every second start unknown GUIDs are the first to be asked for on
 * each route, of the others known ones; all answers to the first ones are compared.
 */
export async function* measureCold({ deployment, facts, known, unknown }: Stage): AsyncGenerator<Row[]> {
  const answers = new Map<string, Observed[]>(COLD_ROUTES.map(({ name }) => [name, []]));
  const first: Observed[] = [];
  for (let start = 0; start < 2 * STARTS; start++) {
    const isOurs = start % 2 === 1;
    await deployment.restart();
    const subjects = shuffle([...(isOurs ? known : unknown)]).slice(0, PER_START);
    for (const [at, route] of COLD_ROUTES.entries()) {
      const asked = await Promise.all(subjects.map((subject) => ready(isOurs, subject, route)));
      const some = await exchangeAll(facts.url, 1, asked);
      if (at === 0) first.push(...some.slice(0, 1));
      answers.get(route.name)?.push(...some);
    }
  }
  const of = (name: string, least: number) => ({ deployment: deployment.kind.name, case: name, least, isTimed: false });
  const times = { time: ({ time }: Observed) => time };
  for (const [name, some] of answers) yield judge(of(`cold: ${name}`, STARTS * PER_START), some);
  yield judgeAll(of('cold: first request', STARTS), STARTS, first, labelsOf(first), { names: {}, figures: {}, times });

  async function ready(isOurs: boolean, subject: Subject, route: Route) {
    return { isOurs, subject, message: await route.message(subject, 'plain', facts) };
  }
}
