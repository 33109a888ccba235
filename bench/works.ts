/** What is measured, and on what: one function a group of works, each of which serves what it needs and measures it. */

import { Device, type DeviceKeyType } from '../scripts/device.ts';
import { load, target } from './chain/load.ts';
import { type MessageLengths, serveBare, serveCale } from './chain/stage.ts';
import { type Measured, measure, median, type Row, timeOf } from './measure.ts';
import { durableObjects, kv, type Served, serve } from './workerd.ts';

const CONTENT_SIZES = [1024, 65_536, 1_048_576];
const MESSAGE_WORKS = [
  'seal-rsa2048-aes256gcm',
  'seal-p256-aes256gcm',
  'open-rsa2048-aes256gcm',
  'open-p256-aes256gcm',
];

/** One party of a standard request, alone. */
const HOP_WORKS = ['hop-edge', 'hop-authority', 'hop-origin-rsa2048', 'hop-origin-p256', 'hop-resource'];

/** Works of the crypto Worker: name, octets of content, subjects. */
const CRYPTO_WORKS: readonly [work: string, bytes: number, subjects: readonly string[]][] = [
  ...MESSAGE_WORKS.flatMap((work) =>
    CONTENT_SIZES.map((bytes): [string, number, string[]] => [work, bytes, ['cale', 'limit', 'jose', 'pkijs']]),
  ),
  ['issue-p256', 0, ['cale', 'limit', 'x509']],
  ['check', 0, ['cale', 'limit', 'x509']],
  ['register', 0, ['cale', 'limit']],
  ...HOP_WORKS.map((work): [string, number, string[]] => [work, 0, ['cale', 'limit']]),
];

/** One round of a subject should take about this long, and be no more repetitions than this. */
const ROUND_US = 10_000;
const MOST_TIMES = 1000;
const CRYPTO_ROUNDS = 21;
/**
 * Each pass has workerds of its own, and each work of the crypto Worker one: how a machine and a compiler happen to stand
 * lasts as long as a process does.
 */
const CRYPTO_PASSES = 5;

export const measureCrypto = (): Promise<Row[]> => medianOf(CRYPTO_PASSES, measureCryptoOnce);

/** The rows of several passes, each figure the median of theirs. */
async function medianOf(count: number, measureOnce: () => Promise<Row[]>): Promise<Row[]> {
  const passes: Row[][] = [];
  for (let pass = 0; pass < count; pass++) passes.push(await measureOnce());
  return (passes[0] ?? []).map((row, at) => ({ ...row, us: median(passes.map((rows) => rows[at]?.us ?? Number.NaN)) }));
}

async function measureCryptoOnce(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [work, bytes, names] of CRYPTO_WORKS) {
    const served = await serve([{ name: 'bench', config: 'bench/wrangler.toml' }]);
    try {
      const subjects: Measured[] = [];
      // One after the other: each finds out how often it fits into a round.
      for (const name of names) subjects.push(await cryptoSubject(served, work, bytes, name));
      rows.push(...(await measure(subjects, CRYPTO_ROUNDS)));
    } finally {
      await served.close();
    }
  }
  return rows;
}

async function cryptoSubject({ url }: Served, work: string, bytes: number, subject: string): Promise<Measured> {
  const call = (times: number) => timeOf(new URL(`/${work}/${bytes}/${subject}/${times}`, url));
  for (let i = 0; i < 20; i++) await call(5);
  const once = ((await call(10)) - (await call(0))) / 10;
  const times = Math.max(1, Math.min(MOST_TIMES, Math.round(ROUND_US / Math.max(once, 1))));
  const round = async () => {
    // The first call clears up what the subject before this one left behind.
    await call(0);
    const empty = await call(0);
    return ((await call(times)) - empty) / times;
  };
  return { work, bytes, subject, round };
}

const CHAINS: readonly [work: string, keyType: DeviceKeyType & ('RSA-2048' | 'P-256')][] = [
  ['chain-rsa2048', 'RSA-2048'],
  ['chain-p256', 'P-256'],
];
const CHAIN_PASSES = 3;
const CHAIN_ROUNDS = 11;
const REQUESTS_PER_ROUND = 400;
const WARM_UP_REQUESTS = 2400;

/** Beside what is held against it, `limit`: the bare hops with the WebCrypto calls that they cannot do without. */
export const measureChains = (): Promise<Row[]> => medianOf(CHAIN_PASSES, measureChainsOnce);

async function measureChainsOnce(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [work, keyType] of CHAINS) {
    const cale = await serveCale();
    const { guid, lengths } = await registered(cale, keyType);
    const served = [cale, await serveBare(keyType, lengths, 'none'), await serveBare(keyType, lengths, 'crypto')];
    try {
      const subjects = await Promise.all(
        ['cale', 'bare', 'limit'].map(async (subject, at): Promise<Measured> => {
          const resource = target(new URL('/resource', served[at]?.url), { 'CALE-GUID': guid });
          return { work, bytes: lengths.answer, subject, round: () => load(resource, REQUESTS_PER_ROUND) };
        }),
      );
      for (const { round } of subjects) for (let i = 0; i < WARM_UP_REQUESTS; i += REQUESTS_PER_ROUND) await round();
      rows.push(...(await measure(subjects, CHAIN_ROUNDS)));
    } finally {
      await Promise.all(served.map((each) => each.close()));
    }
  }
  return rows;
}

/** A client of the chain, and what its messages have in octets. */
async function registered({ url }: Served, keyType: DeviceKeyType): Promise<{ guid: string; lengths: MessageLengths }> {
  const device = await Device.create(keyType, 'phone');
  const registration = await fetch(new URL('/registration', url), {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa('alice:wonderland')}`, 'Content-Type': 'application/pkcs10' },
    body: device.csr,
  });
  const guid = await device.open(await registration.text());
  const headers = { 'CALE-GUID': guid };
  const answer = await (await fetch(new URL('/resource', url), { headers })).text();
  const content = (await device.open(answer)).length;
  const certificate = (await device.open(await (await fetch(new URL('/whoami', url), { headers })).text())).length;
  // The shard has the certificate's subject, key and extensions: all but some 280 octets of its DER.
  const profile = Math.round(certificate * 0.74) - 280;
  return { guid, lengths: { certificate, profile, content, answer: answer.length } };
}

const ROW_COUNTS = [1000, 100_000, 1_000_000];
const ROWS_ROUNDS = 41;
const FINDS_PER_ROUND = 200;

export async function measureRows(): Promise<Row[]> {
  const served = await serve([
    {
      name: 'rows',
      config: 'bench/rows/wrangler.toml',
      durableObject: 'RowsShard',
      bindings: [durableObjects('SHARDS', 'RowsShard'), kv('CATALOGUE')],
    },
  ]);
  try {
    const find = (rows: number, times: number) => timeOf(new URL(`/find/${rows}/${times}`, served.url));
    for (const rows of ROW_COUNTS) await timeOf(new URL(`/fill/${rows}`, served.url));
    for (const rows of ROW_COUNTS) for (let i = 0; i < 20; i++) await find(rows, FINDS_PER_ROUND);
    const subjects = ROW_COUNTS.map((rows): Measured => {
      const round = async () => ((await find(rows, FINDS_PER_ROUND)) - (await find(rows, 0))) / FINDS_PER_ROUND;
      return { work: 'validate-at-rows', bytes: rows, subject: 'cale', round };
    });
    return await measure(subjects, ROWS_ROUNDS);
  } finally {
    await served.close();
  }
}
