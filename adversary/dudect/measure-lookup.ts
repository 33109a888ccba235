/** The look-up of a GUID: does its time depend on how much of a registered GUID was guessed? */

import { durableObjects, kv } from '../../bench/serving/bindings.ts';
import { serve } from '../../bench/serving/workerd.ts';
import type { Row } from '../judging/row.ts';
import { Connection } from '../observing/exchange.ts';
import { unknownGuids } from '../population/guids.ts';
import { compareTimes } from './compare-times.ts';

const COUNT = 5000;
const FINDS = 50;

/** Clocks stand still while a Worker computes: each time is taken outside, of many look-ups. */
export async function measureLookup(): Promise<Row> {
  const served = await serve([
    {
      name: 'lookup',
      config: 'adversary/dudect/wrangler.toml',
      durableObject: 'LookupShard',
      bindings: [durableObjects('SHARDS', 'LookupShard'), kv('CATALOGUE')],
    },
  ]);
  const connection = new Connection(served.url);
  try {
    const get = (path: string) => connection.send({ method: 'GET', path, headers: {} });
    const known = Buffer.from((await get('/fill')).body).toString();
    const last = known.endsWith('0') ? '1' : '0';
    const find = async (guid: string) => (await get(`/find/${guid}/${FINDS}`)).time;
    return await compareTimes('dudect-guid-lookup', COUNT, {
      near: () => find(known.slice(0, -1) + last),
      far: () => find(unknownGuids(1)[0] ?? ''),
    });
  } finally {
    connection.close();
    await served.close();
  }
}
