/** What changes about a GUID: by its revocation, and by time and a new start. */

import { rsaTop } from '../judging/features.ts';
import { judgeAll, labelsOf } from '../judging/judge.ts';
import type { Row } from '../judging/row.ts';
import type { Observed } from '../observing/observed.ts';
import { CONSTANT, type Subject } from './routes.ts';
import { sample } from './sampling.ts';
import type { Stage } from './stage.ts';

/** The fewest GUIDs on each side. Half of all are looked at. */
const LEAST_GUIDS = 100;
const ASKED = 8;
const CONNECTIONS = 8;

/** The answers to one GUID, before and after. */
interface Change {
  readonly isOurs: boolean;
  readonly guid: string;
  readonly before: readonly Observed[];
  readonly after: readonly Observed[];
}

const NAMES: Readonly<Record<string, (change: Change) => string>> = {
  'key-identifier-kept': (change) => isKept(change, ({ envelope }) => envelope?.keyIdentifier),
  'key-type-kept': (change) => isKept(change, ({ envelope }) => envelope?.keyType),
  'length-kept': (change) => isKept(change, ({ length }) => length),
  'content-length-kept': (change) => isKept(change, ({ envelope }) => envelope?.contentLength),
  'head-kept': (change) => isKept(change, ({ head }) => head),
};
const FIGURES: Readonly<Record<string, (change: Change) => number | undefined>> = {
  'length-change': ({ before, after }) =>
    meanOf(after, ({ length }) => length) - meanOf(before, ({ length }) => length),
  'rsa-bound-change': ({ before, after }) => {
    const [top, topAfter] = [before, after].map((answers) =>
      Math.max(...answers.map(({ envelope }) => rsaTop(envelope) ?? Number.NaN)),
    );
    const change = (topAfter ?? Number.NaN) - (top ?? Number.NaN);
    return Number.isNaN(change) ? undefined : change;
  },
};
const TIMES: Readonly<Record<string, (change: Change) => number>> = {
  'time-change': ({ before, after }) => meanOf(after, ({ time }) => time) - meanOf(before, ({ time }) => time),
};

/**
 * Known GUIDs that are revoked between two looks at them, against those that stay; and unknown against known ones over a
 * new start of all Workers. The revoked ones are unknown from then on, so this comes last on a stage.
 */
export async function* measureChanges({ deployment, facts, known, unknown }: Stage): AsyncGenerator<Row[]> {
  const half = known.length >> 1;
  const [kept, revoked, strangers] = [known.slice(0, half), known.slice(-half), unknown.slice(0, half)];
  const look = (ours: readonly Subject[], theirs: readonly Subject[]) =>
    sample({
      url: facts.url,
      ours,
      theirs,
      perSide: half * ASKED,
      connections: CONNECTIONS,
      message: (subject) => CONSTANT.message(subject, 'plain', facts),
    });
  const of = (name: string) => ({ deployment: deployment.kind.name, case: name });
  const early = await look(kept, strangers);
  await deployment.restart();
  const late = await look(kept, strangers);
  yield judgeChanges(of('over a new start, known against unknown'), early, late);
  const before = await look(kept, revoked);
  for (const { guid } of revoked) await deployment.revoke(guid);
  const after = await look(kept, revoked);
  yield judgeChanges(of('over revocation, kept against revoked'), before, after);
}

function judgeChanges(
  of: Pick<Row, 'deployment' | 'case'>,
  before: readonly Observed[],
  after: readonly Observed[],
): Row[] {
  const later = Map.groupBy(after, ({ guid }) => guid);
  const changes = [...Map.groupBy(before, ({ guid }) => guid)].map(([guid, answers]) => ({
    isOurs: answers[0]?.isOurs ?? false,
    guid,
    before: answers,
    after: later.get(guid) ?? [],
  }));
  return judgeAll(
    of,
    LEAST_GUIDS,
    changes,
    labelsOf(changes),
    { names: NAMES, figures: FIGURES, times: TIMES },
    'together',
  );
}

function isKept({ before, after }: Change, partOf: (answer: Observed) => unknown): string {
  const [early, late] = [before, after].map((answers) => [...new Set(answers.map(partOf))].sort().join());
  return early === late ? 'kept' : 'changed';
}

const meanOf = (answers: readonly Observed[], partOf: (answer: Observed) => number): number =>
  answers.reduce((sum, answer) => sum + partOf(answer), 0) / answers.length;
