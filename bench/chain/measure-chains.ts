/** The whole chain of a standard request, held against bare hops without and with their WebCrypto calls. */

import type { AccountKey } from '../../client/account.ts';
import { signRequest } from '../../client/exchange/sign-request.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { newNonce } from '../../shared/protocol/nonce.ts';
import { parseIssuedFields } from '../../shared/x509/certificate.ts';
import { Device } from '../../test/support/device.ts';
import { caleWorkers } from '../../test/support/serving/cale.ts';
import { type Served, serve } from '../../test/support/serving/workerd.ts';
import { type Measured, measure, medianOf, type Row } from '../measuring/measure.ts';
import type { ClientKeyType } from '../parties/client.ts';
import { type MessageLengths, serveBare } from './bare-chain.ts';
import { constant, load, type Target, target } from './load.ts';
import type { BareEnv } from './roles.ts';

/** A standard request; one that is answered with a signature; a write, whose signature is verified besides. */
type Kind = BareEnv['SIGNATURES'];

interface Chain {
  readonly work: string;
  readonly keyType: ClientKeyType;
  readonly kind: Kind;
}

const CHAINS: readonly Chain[] = [
  { work: 'chain-rsa2048', keyType: 'RSA-2048', kind: 'none' },
  { work: 'chain-p256', keyType: 'P-256', kind: 'none' },
  { work: 'chain-p256-signed', keyType: 'P-256', kind: 'answer' },
  { work: 'chain-p256-write', keyType: 'P-256', kind: 'write' },
];
const PASSES = 3;
const ROUNDS = 11;
const REQUESTS_PER_ROUND = 400;
const WARM_UP_REQUESTS = 2400;

export const measureChains = (): Promise<Row[]> => medianOf(PASSES, measureOnce);

async function measureOnce(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { work, keyType, kind } of CHAINS) {
    const cale = await serve(await caleWorkers());
    const served = [cale];
    try {
      const client = await register(cale, keyType);
      const { lengths } = client;
      served.push(await serveBare(keyType, lengths, 'none', kind), await serveBare(keyType, lengths, 'crypto', kind));
      const subjects = ['cale', 'bare', 'limit'].map((subject, at): Measured => {
        const to = targetOf(client, kind, served[at]?.url ?? cale.url);
        return { work, bytes: lengths.answer, subject, round: () => load(to, REQUESTS_PER_ROUND) };
      });
      for (const { round } of subjects) for (let i = 0; i < WARM_UP_REQUESTS; i += REQUESTS_PER_ROUND) await round();
      rows.push(...(await measure(subjects, ROUNDS)));
    } finally {
      await Promise.all(served.map((each) => each.close()));
    }
  }
  return rows;
}

/** A client of the chain, and the sizes of its messages. */
interface ChainClient {
  readonly guid: string;
  readonly key: AccountKey;
  readonly lengths: MessageLengths;
}

const BODY = JSON.stringify({ note: 'Remember the milk.' });

function targetOf({ guid, key }: ChainClient, kind: Kind, base: URL): Target {
  const headers = { 'CALE-GUID': guid };
  if (kind === 'none') return target(new URL('/resource', base), constant(headers));
  const fields = { ...headers, 'CALE-Accept': 'message/bhttp' };
  if (kind === 'answer') {
    return target(new URL('/resource', base), constant({ ...fields, 'CALE-Nonce': newNonce(Date.now()) }));
  }
  const url = new URL('/echo', base);
  const sign = async () => {
    const message = { method: 'POST', targetUri: url.href, fields: [['cale-nonce', newNonce(Date.now())]] as const };
    const signed = await signRequest(message, utf8(BODY), key, crypto.subtle);
    return { ...fields, ...Object.fromEntries(signed.fields) };
  };
  return target(url, (count) => Promise.all(Array.from({ length: count }, sign)), BODY);
}

/** Registers a client, and measures its messages. */
async function register({ url }: Served, keyType: ClientKeyType): Promise<ChainClient> {
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
    key: device.key,
    lengths: { certificate: pem.length, template, content: content.length, answer: answer.length },
  };
}
