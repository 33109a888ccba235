/** The CPU time of all Workers for an unknown GUID, compared with that for a known one. */

import { BOUNDS, type Row, withVerdict } from '../judging/row.ts';
import { unknownGuids } from '../population/guids.ts';
import { ROUTES, type Route, type Subject } from './routes.ts';
import { exchangeAll } from './sampling.ts';
import type { Stage } from './stage.ts';

const ROUNDS = 15;
const PER_ROUND = 100;
const CONNECTIONS = 8;
/** More than authority and origin remember, and rounds in which no GUID comes twice. */
const FORGETTING = 1100;
const ROUNDS_APART = 4;

export async function* measureCpu(stage: Stage): AsyncGenerator<Row[]> {
  for (const route of ROUTES) if (!route.isLeft) yield measureRoute(stage, route);
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
  const features = { 'cpu-repeated': remembered.all, 'cpu-fresh': forgotten.all };
  return Object.entries(features).map(([feature, of]) => {
    const count = ROUNDS * PER_ROUND;
    const counts = { ours: count, theirs: count, least: count };
    return withVerdict({
      deployment: deployment.kind.name,
      case: `cpu: ${route.name}`,
      feature,
      figure: medianOf(of),
      bound: BOUNDS.cpu,
      chance: chanceOf(of),
      ...counts,
    });
  });

  /** The ratios of unknown to known, by round. */
  function ratios() {
    const all: number[] = [];
    return {
      all,
      async take(round: number, { known, unknown }: Record<'known' | 'unknown', readonly Subject[]>): Promise<void> {
        const isKnownFirst = round % 2 === 0;
        const first = await cpuOf(isKnownFirst ? known : unknown);
        const second = await cpuOf(isKnownFirst ? unknown : known);
        // The first round warms up.
        if (round > 0) all.push(isKnownFirst ? second / first : first / second);
      },
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

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const DEVIATIONS = 4;
/** Of a normal distribution: its deviation by the median distance from its median, and that of a median by that of a mean. */
const PER_MEDIAN_DISTANCE = 1.4826;
const OF_A_MEDIAN = Math.sqrt(Math.PI / 2);

/** The median that chance stays below when both take the same: on a busy machine the ratios of rounds differ by half. */
function chanceOf(ratios: readonly number[]): number {
  const median = medianOf(ratios);
  const deviation = PER_MEDIAN_DISTANCE * medianOf(ratios.map((ratio) => Math.abs(ratio - median)));
  return 1 + (DEVIATIONS * OF_A_MEDIAN * deviation) / Math.sqrt(ratios.length);
}
