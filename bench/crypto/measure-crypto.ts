/** Works within one Worker: sealing, opening, issuing, checking, registering, and each party of a standard request. */

import { type Served, serve } from '../../test/support/serving/workerd.ts';
import { expectText, type Measured, measure, medianOf, type Row } from '../measuring/measure.ts';

/** A work, the size of its content, and the subjects that do it. */
interface Work {
  readonly work: string;
  readonly bytes: number;
  readonly subjects: readonly string[];
}

const CONTENT_SIZES = [1024, 65_536, 1_048_576];
const MESSAGE_WORKS = [
  'seal-rsa2048-aes256gcm',
  'seal-p256-aes256gcm',
  'open-rsa2048-aes256gcm',
  'open-p256-aes256gcm',
];
/** Works that no other project offers to compare with. */
const SIGNED_WORKS = [
  'sign-answer',
  'verify-write',
  'seal-signed-p256-aes256gcm',
  'open-signed-p256-aes256gcm',
  'open-request',
];
const HOP_WORKS = ['hop-edge', 'hop-authority', 'hop-origin-rsa2048', 'hop-origin-p256', 'hop-resource'];

const WORKS: readonly Work[] = [
  ...MESSAGE_WORKS.flatMap((work) =>
    CONTENT_SIZES.map((bytes): Work => ({ work, bytes, subjects: ['cale', 'limit', 'jose', 'pkijs'] })),
  ),
  ...SIGNED_WORKS.flatMap((work) => CONTENT_SIZES.map((bytes): Work => ({ work, bytes, subjects: ['cale', 'limit'] }))),
  { work: 'issue-p256', bytes: 0, subjects: ['cale', 'limit', 'x509'] },
  { work: 'check', bytes: 0, subjects: ['cale', 'limit', 'x509'] },
  { work: 'register', bytes: 0, subjects: ['cale', 'limit'] },
  ...HOP_WORKS.map((work): Work => ({ work, bytes: 0, subjects: ['cale', 'limit'] })),
];

/** Aim for the length of a round, and a bound of the repetitions in it. */
const ROUND_US = 10_000;
/** Long enough that V8 has compiled what runs often, as in an isolate that has served for a while. */
const WARM_UP_US = 400_000;
const WARM_UP_TIMES = 50;
const MAX_TIMES = 1000;
const ROUNDS = 21;
const PASSES = 5;

export const measureCrypto = (): Promise<Row[]> => medianOf(PASSES, measureOnce);

async function measureOnce(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { work, bytes, subjects } of WORKS) {
    // Each work has a workerd of its own.
    const served = await serve([{ name: 'bench', config: 'bench/crypto/wrangler.toml' }]);
    try {
      const measured: Measured[] = [];
      // One after the other, because each finds out how often it fits into a round.
      for (const subject of subjects) measured.push(await prepare(served, work, bytes, subject));
      rows.push(...(await measure(measured, ROUNDS)));
    } finally {
      await served.close();
    }
  }
  return rows;
}

async function prepare({ url, mainCpuTime }: Served, work: string, bytes: number, subject: string): Promise<Measured> {
  /** Microseconds of CPU, and not of the clock: what else the machine does is not in them. */
  const call = async (times: number) => {
    const start = await mainCpuTime();
    await expectText(new URL(`/${work}/${bytes}/${subject}/${times}`, url));
    return (await mainCpuTime()) - start;
  };
  for (let spent = 0; spent < WARM_UP_US; ) spent += await call(WARM_UP_TIMES);
  const once = ((await call(10)) - (await call(0))) / 10;
  const times = Math.max(1, Math.min(MAX_TIMES, Math.round(ROUND_US / Math.max(once, 1))));
  const round = async () => {
    // The first call clears up after the subject before this one.
    await call(0);
    const empty = await call(0);
    return ((await call(times)) - empty) / times;
  };
  return { work, bytes, subject, round };
}
