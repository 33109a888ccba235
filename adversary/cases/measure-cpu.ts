/** The CPU time of all Workers for an unknown GUID, compared with that for a known one. */

import { BOUNDS, type Row, withVerdict } from '../judging/row.ts';
import { unknownGuids } from '../population/guids.ts';
import { ROUTES, type Route, type Subject } from './routes.ts';
import { exchangeAll } from './sampling.ts';
import type { Stage } from './stage.ts';

const ROUNDS = 7;
const PER_ROUND = 100;
const CONNECTIONS = 8;
/** More than authority and origin remember, and rounds in which no GUID comes twice. */
const FORGETTING = 1100;
const ROUNDS_APART = 4;

export async function* measureCpu(stage: Stage): AsyncGenerator<Row[]> {
  for (const route of ROUTES) yield measureRoute(stage, route);
}

async function measureRoute({ deployment, facts, known, unknown }: Stage, route: Route): Promise<Row[]> {
  const fresh = (count: number): Subject[] => unknownGuids(count).map((guid) => ({ guid, keyid: 'AAAA' }));
  const remembered = ratios();
  const forgotten = ratios();
  for (let round = 0; round <= ROUNDS; round++) {
    const [ours, theirs] = [turn(known, round % ROUNDS_APART), turn(unknown, round % ROUNDS_APART)];
    // Keys of clients are remembered. Who floods does not ask for a GUID twice, and compares with what is asked for once.
    if (round % ROUNDS_APART === 0) await cpuOf(fresh(FORGETTING));
    await forgotten.take(round, { known: ours, unknown: fresh(PER_ROUND) });
    await cpuOf(theirs);
    await remembered.take(round, { known: ours, unknown: theirs });
  }
  const features = { 'cpu-repeated': remembered.median(), 'cpu-fresh': forgotten.median() };
  return Object.entries(features).map(([feature, figure]) => {
    const count = ROUNDS * PER_ROUND;
    const counts = { ours: count, theirs: count, least: count };
    return withVerdict({
      deployment: deployment.kind.name,
      case: `cpu: ${route.name}`,
      feature,
      figure,
      bound: BOUNDS.cpu,
      ...counts,
    });
  });

  /** The ratios of unknown to known, by round. */
  function ratios() {
    const all: number[] = [];
    return {
      async take(round: number, { known, unknown }: Record<'known' | 'unknown', readonly Subject[]>): Promise<void> {
        const isKnownFirst = round % 2 === 0;
        const first = await cpuOf(isKnownFirst ? known : unknown);
        const second = await cpuOf(isKnownFirst ? unknown : known);
        // The first round warms up.
        if (round > 0) all.push(isKnownFirst ? second / first : first / second);
      },
      median: () => all.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN,
    };
  }

  async function cpuOf(subjects: readonly Subject[]): Promise<number> {
    const asked = await Promise.all(
      subjects.map(async (subject) => ({
        isOurs: true,
        subject,
        message: await route.message(subject, 'plain', facts),
      })),
    );
    const before = await deployment.cpuTime();
    await exchangeAll(facts.url, CONNECTIONS, asked);
    return (await deployment.cpuTime()) - before;
  }
}

const turn = (subjects: readonly Subject[], round: number): Subject[] =>
  Array.from({ length: PER_ROUND }, (_, at) => subjects[(round * PER_ROUND + at) % subjects.length] as Subject);
