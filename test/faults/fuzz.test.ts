/**
 * Inputs of strangers at every door: none makes the system fail, grow, or work much more than an honest request does.
 * `CALE_FUZZ_RUNS` is the number of inputs of a door, `CALE_FUZZ_SEED` that of another run.
 */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOrigin } from '../../origin/origin.ts';
import { Device } from '../support/device.ts';
import { alteredText, fieldValue } from '../support/fuzzing/arbitraries.ts';
import { type Door, doorsOf, type Honest, type Sent } from '../support/fuzzing/doors.ts';
import { ask, type RegisteredDevice, registeredDevice } from '../support/harness.ts';
import { createOriginStage, forwardedRequest } from '../support/origin-stage.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';
import { type ServedSystem, serveSystem } from '../support/served-system.ts';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts';

const RUNS = Number(process.env['CALE_FUZZ_RUNS'] ?? 60);
const SEED = Number(process.env['CALE_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
/** Requests of which the CPU is measured, and the ratio that is promised, with room for what else the machine does. */
const MEASURED = 100;
const MAX_RATIO = 3;
const ROOM = 1.5;
/** Memory that may come and go. */
const MAX_GROWTH_BYTES = 96 * 1024 * 1024;

const NAMES = [
  'CSRs',
  'tokens',
  'Basic',
  'GUIDs',
  'nonces',
  'header fields',
  'paths and queries',
  'signatures of writes',
  'signatures of renewals',
  'signatures of revocations',
  'cursors',
  'sealed requests',
  'administration',
];

let issuer: TokenIssuer;
let system: ServedSystem;
let client: RegisteredDevice;
let token: string;
let doors: Door[];

beforeAll(async () => {
  console.log(`seed ${SEED}, ${RUNS} inputs at each door`);
  issuer = await startTokenIssuer();
  system = await serveSystem(issuer.variables);
  client = await registeredDevice(system);
  token = await issuer.token('alice');
  doors = await doorsOf({ client, edge: system.url.origin, token });
});
afterAll(async () => {
  await system.close();
  await issuer.close();
});

const doorOf = (name: string): Door => doors.find((each) => each.name === name) ?? expect.unreachable();

/** Each from a network of its own. @returns the status. */
async function send({ path, method = 'GET', headers, body }: Sent): Promise<number> {
  const network = { 'CF-Connecting-IP': `2001:${crypto.randomUUID().slice(9, 18).replace('-', ':')}::1` };
  const answer = await fetch(system.url.origin + path, {
    method,
    headers: { ...network, ...headers },
    redirect: 'manual',
    ...(body && body.length > 0 && { body }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

test('all doors are named', () => {
  expect(doors.map(({ name }) => name)).toEqual(NAMES);
});

describe.each(NAMES)('%s', (name) => {
  test('never make the system fail', async () => {
    const property = fc.asyncProperty(doorOf(name).inputs, async (sent) => {
      expect(await send(sent)).toBeLessThan(500);
    });
    await fc.assert(property, { numRuns: RUNS, seed: SEED });
  });
});

test('certificates at the origin, altered, are refused there and never let it fail', async () => {
  const stage = await createOriginStage();
  const origin = createOrigin({ ...stage.options, onRefusal: () => undefined });
  const { url, headers } = await forwardedRequest(stage, '/');
  const application = () => new Response('secret');
  expect((await origin.handle(new Request(url, { headers }), application)).status).toBe(200);
  const pem = fc.oneof(alteredText(headers.get('CALE-PEM') ?? ''), fieldValue(8000));
  const property = fc.asyncProperty(pem, async (text) => {
    const altered = new Headers(headers);
    altered.set('CALE-PEM', text);
    const answer = await origin.handle(new Request(url, { headers: altered }), application);
    expect([200, 403]).toContain(answer.status);
    expect(await answer.text()).not.toContain('secret');
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
});

const HONEST: Readonly<Record<Honest, () => Promise<Sent>>> = {
  read: async () => ({ path: '/note', headers: { 'CALE-GUID': client.guid } }),
  async write() {
    const url = `${system.url.origin}/echo`;
    const request = { method: 'POST', url, nonce: randomNonce(), body: '', contentType: undefined };
    const headers = { 'CALE-GUID': client.guid, ...(await signedFields(client.device, request)) };
    return { path: '/echo', method: 'POST', headers };
  },
  async registration() {
    const { csr } = await Device.create('P-256', 'another device');
    const headers = { 'Content-Type': 'application/pkcs10', Authorization: `Bearer ${token}` };
    return { path: '/registration', method: 'POST', headers, body: csr };
  },
  administration: async () => ({ path: '/admin/credentials?owner=bob', headers: { Authorization: 'Bearer admin' } }),
};

/** Microseconds of CPU that workerd takes for one of the requests. */
async function costOf(requests: readonly Sent[]): Promise<number> {
  const before = await system.cpuTime();
  for (const each of requests) await send(each);
  return ((await system.cpuTime()) - before) / requests.length;
}

test('no rejected request costs more CPU than three honest ones', async () => {
  const honest: Partial<Record<Honest, number>> = {};
  for (const [like, create] of Object.entries(HONEST)) {
    const requests = await Promise.all(Array.from({ length: MEASURED }, create));
    honest[like as Honest] = await costOf(requests);
  }
  const ratios: Record<string, number> = {};
  for (const { name, like, inputs } of doors) {
    // Another seed, so that none of it is known from before.
    const cost = await costOf(fc.sample(inputs, { numRuns: MEASURED, seed: SEED + 1 }));
    ratios[name] = Math.round((100 * cost) / (honest[like] ?? 1)) / 100;
  }
  console.log(JSON.stringify({ honest, ratios }));
  for (const [name, ratio] of Object.entries(ratios)) expect(ratio, name).toBeLessThan(MAX_RATIO * ROOM);
});

test('memory stays, and the client is answered as before', async () => {
  // What is loaded once, and the caches, are in memory by now.
  const before = await system.memory();
  for (const { inputs } of doors) {
    for (const each of fc.sample(inputs, { numRuns: MEASURED, seed: SEED + 2 })) await send(each);
  }
  const after = await system.memory();
  console.log(`memory in MiB: ${before >> 20} before, ${after >> 20} after`);
  expect(after - before).toBeLessThan(MAX_GROWTH_BYTES);
  const answer = await ask(system, '/note', client.guid);
  expect(await client.device.open(await answer.text())).toContain('note');
});
