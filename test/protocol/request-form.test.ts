/** Requests that parties could take in different ways end at the edge, alike for every GUID. */

import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Harness, registeredDevice, startHarness } from '../support/harness.ts';
import { type ServedEdge, serveEdge } from '../support/served-edge.ts';

let harness: Harness;
let bare: ServedEdge;
let guid: string;
beforeAll(async () => {
  [harness, bare] = await Promise.all([startHarness(), serveEdge()]);
  ({ guid } = await registeredDevice(harness));
});
afterAll(() => Promise.all([harness.server.close(), bare.close()]));

type Fields = Record<string, string>;

interface Sent {
  readonly edge: { readonly url: URL };
  readonly method: string;
  readonly path: string;
  readonly headers: Fields;
  readonly body?: string;
}

/** Sends over a socket, because fetch has no body for a GET. */
async function send({ edge, method, path, headers, body }: Sent) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(new URL(path, edge.url).href, { method, headers }, resolve).on('error', reject);
    sent.end(body);
  });
  return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) };
}

const PATHS = ['/resource', '/whoami', '/.well-known/cale', '/'];

/** Expects the same refusal for a GUID that is known, ones that are not, and none. */
async function expectRefusal(problem: string, sent: Sent) {
  for (const id of [guid, crypto.randomUUID(), 'malformed', undefined]) {
    const headers = { ...sent.headers, ...(id !== undefined && { 'CALE-GUID': id }) };
    const { status, type, body } = await send({ ...sent, headers });
    expect({ status, type }).toEqual({ status: 400, type: 'application/problem+json' });
    if (sent.method !== 'HEAD') expect(JSON.parse(body)).toMatchObject({ type: `urn:cale:problem:${problem}`, status });
  }
}

describe('content is refused', () => {
  test.each(['GET', 'OPTIONS', 'HEAD'])('of a %s, with a length', async (method) => {
    const body = 'a body';
    for (const path of PATHS) {
      const sent = { edge: harness, method, path, headers: { 'Content-Length': String(body.length) }, body };
      await expectRefusal('content-not-expected', sent);
    }
  });

  test.each(['GET', 'OPTIONS', 'HEAD'])('of a %s, in chunks, be there none of them', async (method) => {
    for (const path of PATHS) {
      for (const body of ['a body', '']) {
        const sent = { edge: bare, method, path, headers: { 'Transfer-Encoding': 'chunked' }, body };
        await expectRefusal('content-not-expected', sent);
      }
    }
  });

  test('and a length of nothing is none', async () => {
    const headers = { 'CALE-GUID': guid, 'Content-Length': '0' };
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      expect(await send({ edge: harness, method, path: '/resource', headers })).toMatchObject({ status: 200 });
    }
  });
});

describe('another method in a field is refused:', () => {
  test.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'x-http-method-override'])(
    '%s',
    async (name) => {
      for (const method of ['GET', 'POST']) {
        for (const value of ['DELETE', 'GET', '']) {
          const sent = { edge: harness, method, path: '/resource', headers: { [name]: value } };
          await expectRefusal('method-override-not-accepted', sent);
        }
      }
    },
  );
});
