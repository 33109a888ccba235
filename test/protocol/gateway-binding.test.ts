/** An API that the gateway calls through a binding: here another Worker. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { type Harness, registeredDevice, startHarness } from '../support/harness.ts';
import { createRawClient, type RawClient } from '../support/raw-client.ts';

const COMPATIBILITY = { compatibility_date: '2026-11-02', compatibility_flags: ['nodejs_compat'] };

let harness: Harness;
let alice: RawClient;
beforeAll(async () => {
  const secrets = await createDevelopmentSecrets();
  harness = await startHarness({
    secrets,
    edgeBindings: { ORIGIN: 'gateway' },
    more: [
      {
        name: 'gateway',
        main: 'workers/gateway/index.ts',
        ...COMPATIBILITY,
        vars: {
          ...secrets.gateway,
          UPSTREAM: '',
          // Spelled out, as wrangler.toml may have it.
          UPSTREAMS: [{ url: 'http://api.internal/v1', binding: 'API' }],
          UPSTREAM_AUTH: 'bearer',
          UPSTREAM_HTTP: 'loopback',
          UNSAFE_METHODS: 'signed',
          MAX_REQUEST_BYTES: '1000',
          MAX_ANSWER_BYTES: '100000',
        },
        services: [{ binding: 'API', service: 'api' }],
      },
      { name: 'api', main: 'test/support/plain-api.ts', ...COMPATIBILITY },
    ],
  });
  alice = createRawClient(harness, await registeredDevice(harness));
});
afterAll(() => harness.server.close());

test('is asked at its URL, and answers', async () => {
  const { status, text, fields } = await alice.ask('/a?b', { method: 'POST', body: 'a body' });
  expect({ status, answer: JSON.parse(text) }).toEqual({
    status: 201,
    answer: { method: 'POST', url: 'http://api.internal/v1/a?b', owner: 'alice', body: 'a body' },
  });
  expect(fields).toContainEqual(['location', `${new URL(harness.url).origin}/next`]);
});

test('is not asked what is too large', async () => {
  const answer = await alice.ask('/a', { method: 'POST', body: 'x'.repeat(1001) });
  expect(answer).toMatchObject({ status: 413, text: expect.stringContaining('urn:cale:problem:content-too-large') });
});
