/** Known against known GUIDs: what is the same must not be told apart, and one byte more must be. */

import { shuffle } from '../../test/support/statistics/random.ts';
import { judge } from '../judging/judge.ts';
import { BOUNDS, type Row, withVerdict } from '../judging/row.ts';
import { CONSTANT, type Subject } from './routes.ts';
import { exchangeAll } from './sampling.ts';
import type { Stage } from './stage.ts';

const CONNECTIONS = 8;

export async function* measureControls(stage: Stage): AsyncGenerator<Row[]> {
  yield measureControl(stage, 'control: known against known', 300);
  yield missed(await measureControl(stage, 'control: one byte more', 301));
}

/** @param length of the content that one half of the GUIDs is asked for with; the other has 300 bytes. */
async function measureControl({ deployment, facts, scale, known }: Stage, name: string, length: number) {
  const ask = async (subject: Subject, isOurs: boolean) => {
    const message = await CONSTANT.message(subject, 'plain', facts);
    return { isOurs, subject, message: { ...message, path: `/resource/${isOurs ? length : 300}` } };
  };
  const half = known.length >> 1;
  const subjects = shuffle([...known]);
  const asked = await Promise.all(
    Array.from({ length: 2 * scale.perSide }, (_, at) => {
      const place = at % (2 * half);
      return ask(subjects[place] as Subject, place < half);
    }),
  );
  const answers = await exchangeAll(facts.url, CONNECTIONS, shuffle(asked));
  const least = Math.floor(scale.perSide / 2);
  return judge({ deployment: deployment.kind.name, case: name, least, isTimed: false }, answers);
}

/** @returns how far the area is from that of two sides which are always told apart. */
function missed(rows: readonly Row[]): Row[] {
  const row = rows.find(({ feature }) => feature === 'content-length');
  if (row === undefined) throw new Error('the length of the content was not judged');
  const { chance: _, ...others } = row;
  return [withVerdict({ ...others, feature: 'missed', figure: 1 - row.figure, bound: BOUNDS.form - 0.5 })];
}
