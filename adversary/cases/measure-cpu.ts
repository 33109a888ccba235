/** The CPU time of all Workers for an unknown GUID, compared with that for a known one. */

import { BOUNDS, type Row, withVerdict } from '../judging/row.ts';
import { unknownGuids } from '../population/guids.ts';
import { ROUTES, type Route, type Subject } from './routes.ts';
import { exchangeAll } from './sampling.ts';
import type { Stage } from './stage.ts';

const ROUNDS = 7;
const PER_ROUND = 200;
const CONNECTIONS = 8;

export async function* measureCpu(stage: Stage): AsyncGenerator<Row[]> {
  for (const route of ROUTES) yield measureRoute(stage, route);
}

async function measureRoute({ deployment, facts, known, unknown }: Stage, route: Route): Promise<Row[]> {
  const fresh = (): Subject[] => unknownGuids(PER_ROUND).map((guid) => ({ guid, keyid: 'AAAA' }));
  const classes = {
    known: (round: number) => turn(known, round),
    'cpu-repeated': (round: number) => turn(unknown, round),
    'cpu-fresh': fresh,
  };
  const times = new Map<string, number[]>(Object.keys(classes).map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    const order = Object.entries(classes);
    for (const [name, subjects] of round % 2 === 0 ? order : order.reverse()) {
      const time = await cpuOf(subjects(Math.max(round, 0)));
      // The first round warms up.
      if (round >= 0) times.get(name)?.push(time);
    }
  }
  const ofKnown = times.get('known') ?? [];
  return ['cpu-repeated', 'cpu-fresh'].map((feature) => {
    const ratios = (times.get(feature) ?? []).map((time, round) => time / (ofKnown[round] ?? Number.NaN));
    const figure = ratios.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
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
