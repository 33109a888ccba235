/** The whole chain of a standard request, held against bare hops without and with their WebCrypto calls. */

import { parsePem } from '../../shared/encoding/pem.ts';
import { parseIssuedFields } from '../../shared/x509/certificate.ts';
import { Device } from '../../test/support/device.ts';
import { type Measured, measure, medianOf, type Row } from '../measuring/measure.ts';
import type { ClientKeyType } from '../parties/client.ts';
import { caleWorkers } from '../serving/cale.ts';
import { type Served, serve } from '../serving/workerd.ts';
import { type MessageLengths, serveBare } from './bare-chain.ts';
import { load, target } from './load.ts';

const CHAINS: readonly [work: string, keyType: ClientKeyType][] = [
  ['chain-rsa2048', 'RSA-2048'],
  ['chain-p256', 'P-256'],
];
const PASSES = 3;
const ROUNDS = 11;
const REQUESTS_PER_ROUND = 400;
const WARM_UP_REQUESTS = 2400;

export const measureChains = (): Promise<Row[]> => medianOf(PASSES, measureOnce);

async function measureOnce(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [work, keyType] of CHAINS) {
    const cale = await serve(await caleWorkers());
    const served = [cale];
    try {
      const { guid, lengths } = await register(cale, keyType);
      served.push(await serveBare(keyType, lengths, 'none'), await serveBare(keyType, lengths, 'crypto'));
      const subjects = ['cale', 'bare', 'limit'].map((subject, at): Measured => {
        const resource = target(new URL('/resource', served[at]?.url), { 'CALE-GUID': guid });
        return { work, bytes: lengths.answer, subject, round: () => load(resource, REQUESTS_PER_ROUND) };
      });
      for (const { round } of subjects) for (let i = 0; i < WARM_UP_REQUESTS; i += REQUESTS_PER_ROUND) await round();
      rows.push(...(await measure(subjects, ROUNDS)));
    } finally {
      await Promise.all(served.map((each) => each.close()));
    }
  }
  return rows;
}

/** Registers a client, and measures its messages. */
async function register({ url }: Served, keyType: ClientKeyType): Promise<{ guid: string; lengths: MessageLengths }> {
  const device = await Device.create(keyType, 'phone');
  const registration = await fetch(new URL('/registration', url), {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa('alice:wonderland')}`, 'Content-Type': 'application/pkcs10' },
    body: device.csr,
  });
  const guid = await device.open(await registration.text());
  const ask = async (path: string) => (await fetch(new URL(path, url), { headers: { 'CALE-GUID': guid } })).text();
  const answer = await ask('/resource');
  const content = await device.open(answer);
  const pem = await device.open(await ask('/whoami'));
  const [der = new Uint8Array()] = parsePem('CERTIFICATE', pem);
  // The template in the shard is about as long as the fields that become of it.
  const template = parseIssuedFields(der).subjectFields.length;
  return {
    guid,
    lengths: { certificate: pem.length, template, content: content.length, answer: answer.length },
  };
}
