/** Looking up a credential in shards of different sizes. */

import { durableObjects, kv } from '../../test/support/serving/bindings.ts';
import { serve } from '../../test/support/serving/workerd.ts';
import { type Measured, measure, type Row, timeOf } from '../measuring/measure.ts';

const ROW_COUNTS = [1000, 100_000, 1_000_000];
const ROUNDS = 41;
const FINDS_PER_ROUND = 200;
const WARM_UP_ROUNDS = 20;

export async function measureRows(): Promise<Row[]> {
  const served = await serve([
    {
      name: 'rows',
      config: 'bench/rows/wrangler.toml',
      durableObjects: ['RowsShard'],
      bindings: [durableObjects('SHARDS', 'RowsShard'), kv('CATALOGUE')],
    },
  ]);
  try {
    const find = (rows: number, times: number) => timeOf(new URL(`/find/${rows}/${times}`, served.url));
    for (const rows of ROW_COUNTS) await timeOf(new URL(`/fill/${rows}`, served.url));
    for (const rows of ROW_COUNTS) for (let i = 0; i < WARM_UP_ROUNDS; i++) await find(rows, FINDS_PER_ROUND);
    const subjects = ROW_COUNTS.map((rows): Measured => {
      const round = async () => ((await find(rows, FINDS_PER_ROUND)) - (await find(rows, 0))) / FINDS_PER_ROUND;
      return { work: 'validate-at-rows', bytes: rows, subject: 'cale', round };
    });
    return await measure(subjects, ROUNDS);
  } finally {
    await served.close();
  }
}
