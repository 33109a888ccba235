import { shuffle } from '../../test/support/statistics/random.ts';
import { croppedT } from '../../test/support/statistics/welch.ts';
import { BOUNDS, type Row, withVerdict } from '../judging/row.ts';

/** Two classes of guesses: of one much is right, of the other nothing. */
interface Classes {
  readonly near: () => string;
  readonly far: () => string;
}

const WARM_UP = 500;

/**
 * Takes times of both classes in random order, and compares them as dudect does. All guesses are made before, because
 * making one leaves traces in caches.
 * @param count of guesses of each class.
 * @param timeOf gives the microseconds that one guess took.
 */
export async function compareTimes(
  name: string,
  count: number,
  classes: Classes,
  timeOf: (guess: string) => Promise<number>,
): Promise<Row> {
  const times = { near: [] as number[], far: [] as number[] };
  for (let time = 0; time < WARM_UP; time++) await timeOf(classes.far());
  const order = shuffle(Array.from({ length: 2 * count }, (_, at): keyof Classes => (at % 2 === 0 ? 'near' : 'far')));
  for (const { each, guess } of order.map((each) => ({ each, guess: classes[each]() }))) {
    times[each].push(await timeOf(guess));
  }
  const counts = { ours: times.near.length, theirs: times.far.length, least: count };
  const figure = croppedT(times.near, times.far);
  return withVerdict({ deployment: '', case: name, feature: '|t|', figure, bound: BOUNDS.t, ...counts });
}
