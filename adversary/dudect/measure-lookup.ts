/** The look-up of a GUID: does its time depend on how much of a registered GUID was guessed? */

import { durableObjects, kv } from '../../test/support/serving/bindings.ts';
import { serve } from '../../test/support/serving/workerd.ts';
import type { Row } from '../judging/row.ts';
import { Connection } from '../observing/exchange.ts';
import { unknownGuids } from '../population/guids.ts';
import { compareTimes } from './compare-times.ts';

const COUNT = 5000;
const FINDS = 50;
/** Of a GUID as text, with one hyphen. */
const KNOWN_DIGITS = 13;

const randomGuid = (): string => unknownGuids(1)[0] ?? '';

/** Clocks stand still while a Worker computes: each time is taken outside, of many look-ups. */
export async function measureLookup(): Promise<Row> {
  const served = await serve([
    {
      name: 'lookup',
      config: 'adversary/dudect/wrangler.toml',
      durableObjects: ['LookupShard'],
      bindings: [durableObjects('SHARDS', 'LookupShard'), kv('CATALOGUE')],
    },
  ]);
  const connection = new Connection(served.url);
  try {
    const get = (path: string) => connection.send({ method: 'GET', path, headers: {} });
    const known = Buffer.from((await get('/fill')).body).toString();
    const find = async (guid: string) => (await get(`/find/${guid}/${FINDS}`)).time;
    // The first 48 bits are right, by which rows are found.
    const near = () => known.slice(0, KNOWN_DIGITS) + randomGuid().slice(KNOWN_DIGITS);
    return await compareTimes('dudect-guid-lookup', COUNT, { near, far: randomGuid }, find);
  } finally {
    connection.close();
    await served.close();
  }
}
