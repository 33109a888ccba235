/** Bodies that come late or in part. Known against unknown GUIDs. */

import { shuffle } from '../../test/support/statistics/random.ts';
import { judgeAll, labelsOf } from '../judging/judge.ts';
import type { Row } from '../judging/row.ts';
import { type HalfSent, sendHalf } from '../observing/half-sent.ts';
import { inTurns } from '../population/in-turns.ts';
import { CONSTANT, type Route, SEALED, type Subject, WRITING } from './routes.ts';
import type { Stage } from './stage.ts';

/** A read whose body has no meaning. */
const READING_WITH_BODY: Route = {
  ...CONSTANT,
  name: 'constant with a body',
  message: async (...of) => ({ ...(await CONSTANT.message(...of)), body: Buffer.from('0123456789') }),
};

interface Manner {
  readonly name: string;
  /** Milliseconds before the rest of the body is sent. */
  readonly waitMs: number;
  readonly perSide: number;
}

const MANNERS: readonly Manner[] = [
  { name: 'slow', waitMs: 400, perSide: 100 },
  { name: 'held', waitMs: 8000, perSide: 20 },
];
const ROUTES: readonly Route[] = [WRITING, SEALED, READING_WITH_BODY];
const CONNECTIONS = 20;
const SENT = 3;

interface Half extends HalfSent {
  readonly isOurs: boolean;
  readonly guid: string;
}

const FEATURES = {
  names: { 'after-part': ({ afterPart }: Half) => afterPart, 'after-rest': ({ afterRest }: Half) => afterRest },
  figures: {},
  times: { time: ({ time }: Half) => time },
};

export async function* measureBodies(stage: Stage): AsyncGenerator<Row[]> {
  for (const manner of MANNERS) for (const route of ROUTES) yield measureBody(stage, manner, route);
}

async function measureBody(
  { deployment, facts, known, unknown }: Stage,
  { name, waitMs, perSide }: Manner,
  route: Route,
): Promise<Row[]> {
  const side = (subjects: readonly Subject[], isOurs: boolean) =>
    subjects.slice(0, perSide).map((subject) => ({ isOurs, subject }));
  const halves: Half[] = [];
  await inTurns(CONNECTIONS, shuffle([...side(known, true), ...side(unknown, false)]), async ({ isOurs, subject }) => {
    const half = await sendHalf(facts.url, await route.message(subject, 'plain', facts), SENT, waitMs);
    halves.push({ ...half, isOurs, guid: subject.guid });
  });
  const of = { deployment: deployment.kind.name, case: `body ${name}: ${route.name}` };
  return judgeAll(of, perSide, halves, labelsOf(halves), FEATURES);
}
