/** The lines of the log that the parties write for each request, alike for known and unknown GUIDs at all but one. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseResponse } from '../../shared/encoding/bhttp/response.ts';
import type { RequestLine } from '../../shared/log.ts';
import { newNonce } from '../../shared/protocol/nonce.ts';
import { blocksOf } from '../support/blocks.ts';
import { Device } from '../support/device.ts';
import {
  ask,
  type Harness,
  type RegisteredDevice,
  register,
  registeredDevice,
  startHarness,
} from '../support/harness.ts';

let harness: Harness;
let alice: RegisteredDevice;
beforeAll(async () => {
  harness = await startHarness();
  alice = await registeredDevice(harness);
});
afterAll(() => harness.server.close());

type Line = RequestLine & { readonly party: string };

/** @returns the lines that are written while the work is done. */
async function linesOf(work: () => Promise<unknown>, at: Harness = harness): Promise<Line[]> {
  at.server.clearLogs();
  await work();
  return requestLines(at);
}

const requestLines = ({ server }: Harness): Line[] =>
  server
    .getLogs()
    .map(({ message }) => message)
    .filter((message) => message.startsWith('{"event":"request",'))
    .map((message) => JSON.parse(message) as Line);

const WHOLE = { Accept: 'application/pkcs7-mime', 'CALE-Accept': 'message/bhttp' };

type Answer = Awaited<ReturnType<typeof ask>>;

/** @returns the ids inside of a whole answer. */
async function idsInside(response: Answer): Promise<string[]> {
  const message = await alice.device.openBytes(new Uint8Array(await response.arrayBuffer()));
  const { headers } = parseResponse(message);
  return headers.filter(([name]) => name === 'cale-request-id').map(([, value]) => value);
}

describe('a standard request', () => {
  test('is one line at edge, authority and origin, under one id, which the client reads inside the answer', async () => {
    let inside: string[] = [];
    const lines = await linesOf(async () => {
      inside = await idsInside(await ask(harness, '/resource/100?name=value', alice.guid, { headers: WHOLE }));
    });
    const [requestId] = inside;
    expect(inside).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
    const of = Object.fromEntries(lines.map((line) => [line.party, line]));
    const common = { event: 'request', requestId, outcome: 'answered', milliseconds: expect.any(Number) };
    const milliseconds = expect.any(Number);
    expect(lines).toHaveLength(3);
    expect(of).toEqual({
      edge: {
        ...common,
        party: 'edge',
        route: 'resource',
        method: 'GET',
        status: 200,
        hops: { authority: milliseconds, origin: milliseconds },
        cipher: 'AES-256-GCM',
      },
      authority: {
        ...common,
        party: 'authority',
        route: 'validate',
        method: 'GET',
        status: 200,
        hops: { shard: milliseconds },
        shard: expect.any(Number),
        guid: expect.stringMatching(/^[\w-]{16}$/),
      },
      origin: {
        ...common,
        party: 'origin',
        route: '/resource/:size{[0-9]+}',
        method: 'GET',
        status: 200,
        hops: { application: milliseconds },
        keyType: 'P-256',
        cipher: 'AES-256-GCM',
      },
    });
  });

  test('is at the authority as docs/operations.md shows it', async () => {
    const shown: Line = JSON.parse(blocksOf('docs/operations.md')('"party": "authority"').text);
    const lines = await linesOf(() => ask(harness, '/resource', crypto.randomUUID()));
    const written = lines.find(({ party }) => party === 'authority');
    const { requestId, milliseconds, hops, shard, guid } = shown;
    expect(Object.keys(written ?? {})).toEqual(Object.keys(shown));
    expect({ ...written, requestId, milliseconds, hops, shard, guid }).toEqual(shown);
    expect(Object.keys(written?.hops ?? {})).toEqual(Object.keys(hops));
  });

  test('with an unknown GUID is the same at edge and origin; the authority says the reason, and a hash of the GUID', async () => {
    const guid = crypto.randomUUID();
    const unknown = await linesOf(async () => {
      await ask(harness, '/resource/100', guid);
      await ask(harness, '/whoami', guid);
    });
    const known = await linesOf(async () => {
      await ask(harness, '/resource/100', alice.guid);
      await ask(harness, '/whoami', alice.guid);
    });
    const formOf = ({ requestId, milliseconds, hops, shard, guid: _guid, ...form }: Line) => ({
      ...form,
      hops: Object.keys(hops),
    });
    const notAt = (party: string, lines: Line[]) => lines.filter((line) => line.party !== party).map(formOf);
    expect(notAt('authority', unknown)).toEqual(notAt('authority', known));
    const at = (party: string, lines: Line[]) => lines.filter((line) => line.party === party);
    expect(at('authority', unknown)).toMatchObject([
      { outcome: 'decoy', reason: 'unknown', status: 403, route: 'validate' },
      { outcome: 'decoy', reason: 'unknown', status: 200, route: 'whoami' },
    ]);
    expect(new Set(at('authority', [...known, ...unknown]).map((line) => line.guid)).size).toBe(2);
    expect(JSON.stringify([...known, ...unknown])).not.toContain(guid);
  });

  test('with a revoked GUID says so at the authority', async () => {
    const { guid } = await registeredDevice(harness);
    const headers = { Authorization: `Bearer ${harness.secrets.edge['ADMIN_TOKEN']}` };
    const lines = await linesOf(async () => {
      await harness.server.fetch(`/admin/credentials/${guid}`, { method: 'DELETE', headers });
      await ask(harness, '/resource', guid);
    });
    expect(lines.filter(({ party }) => party === 'authority')).toMatchObject([
      { route: 'admin', method: 'DELETE', outcome: 'answered', status: 200 },
      { route: 'validate', outcome: 'decoy', reason: 'revoked' },
    ]);
    expect(JSON.stringify(lines)).not.toContain(guid);
  });
});

test('a registration says the key type, and how long KV and shard took', async () => {
  const { csr } = await Device.create('RSA-2048', 'phone');
  const lines = await linesOf(() => register(harness, csr));
  expect(lines).toMatchObject([
    {
      party: 'authority',
      route: 'registration',
      method: 'POST',
      outcome: 'answered',
      keyType: 'RSA-2048',
      hops: { kv: expect.any(Number), shard: expect.any(Number) },
    },
    { party: 'edge', route: 'registration', outcome: 'answered', hops: { authority: expect.any(Number) } },
  ]);
});

test('a refusal is a line with the problem, and the client reads the id of the request in it', async () => {
  let problem: { requestId?: string } = {};
  const lines = await linesOf(async () => {
    const response = await ask(harness, '/resource', alice.guid, {
      method: 'PROPFIND',
      headers: { 'CALE-Nonce': 'x' },
    });
    problem = (await response.json()) as typeof problem;
  });
  expect(lines).toMatchObject([
    { party: 'edge', method: 'other', route: 'resource', outcome: 'refused', reason: 'nonce-malformed', status: 400 },
  ]);
  expect(problem.requestId).toBe(lines[0]?.requestId);
});

test('a refusal of the authority has one id at both parties and in the problem', async () => {
  let problem: { requestId?: string } = {};
  const lines = await linesOf(async () => {
    problem = (await (await register(harness, 'hello')).json()) as typeof problem;
  });
  expect(lines.map(({ party, reason }) => [party, reason])).toEqual([
    ['authority', 'csr-malformed'],
    ['edge', 'csr-malformed'],
  ]);
  expect(lines.map(({ requestId }) => requestId)).toEqual([problem.requestId, problem.requestId]);
});

test('no client chooses the id of its request', async () => {
  const id = 'A'.repeat(22);
  const lines = await linesOf(async () => {
    const headers = { ...WHOLE, 'CALE-Request-Id': id, CALE_Request_Id: id };
    const inside = await idsInside(await ask(harness, '/resource/100', alice.guid, { headers }));
    expect(inside).toEqual([expect.stringMatching(/^[\w-]{22}$/)]);
    expect(inside).not.toContain(id);
  });
  expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(1);
  expect(lines.map(({ requestId }) => requestId)).not.toContain(id);
});

test('with LOG_SAMPLE_PERCENT=0 only what is refused is a line, and unknown GUIDs cost none more than known ones', async () => {
  const vars = { LOG_SAMPLE_PERCENT: '0' };
  const silent = await startHarness({ vars: { edge: vars, authority: vars, origin: vars } });
  try {
    const { guid } = await registeredDevice(silent);
    const lines = await linesOf(async () => {
      for (const each of [guid, crypto.randomUUID()]) {
        await ask(silent, '/resource', each);
        await ask(silent, '/whoami', each);
        const unsigned = { method: 'POST', headers: { 'CALE-Nonce': newNonce(Date.now()) } };
        expect((await ask(silent, '/echo', each, unsigned)).status).toBe(403);
      }
    }, silent);
    expect(lines.map(({ party, reason }) => [party, reason])).toEqual([
      ['edge', 'secondary-proof-required'],
      ['edge', 'secondary-proof-required'],
    ]);
  } finally {
    await silent.server.close();
  }
});
