import { BOUNDS, type Row, withVerdict } from '../judging/row.ts';
import { shuffle } from '../statistics/random.ts';
import { croppedT } from '../statistics/welch.ts';

/** Two classes of input; each call gives the microseconds that one took. */
interface Classes {
  readonly near: () => Promise<number>;
  readonly far: () => Promise<number>;
}

const WARM_UP = 500;

/** Takes times of both classes in random order, and compares them as dudect does. */
export async function compareTimes(name: string, count: number, classes: Classes): Promise<Row> {
  const times = { near: [] as number[], far: [] as number[] };
  for (let time = 0; time < WARM_UP; time++) await classes[time % 2 === 0 ? 'near' : 'far']();
  const order = shuffle(Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? 'near' : 'far')));
  for (const each of order) times[each].push(await classes[each]());
  const counts = { ours: times.near.length, theirs: times.far.length, least: count };
  const figure = croppedT(times.near, times.far);
  return withVerdict({ deployment: '', case: name, feature: '|t|', figure, bound: BOUNDS.t, ...counts });
}
