/** All parties in one Worker, in workerd, with the secrets that `npm run deploy -- --single` gives it. */

import '../../scripts/local-runs.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { CaleClient, MemoryKeyStore } from '../../client/index.ts';
import { repositoryProject } from '../../scripts/deploy/repository.ts';
import { byWorker } from '../../scripts/deploy/secrets.ts';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { ROOT, SINGLE } from '../../scripts/workers.ts';
import { ALICE, ask, registeredDevice } from '../support/harness.ts';

let server: ReturnType<typeof createTestHarness>;
let edge: string;
let token: string;

beforeAll(async () => {
  const { workers } = repositoryProject({ hasGateway: false, isSingle: true });
  const secrets = byWorker(workers, await createDevelopmentSecrets())[SINGLE.name] ?? {};
  token = secrets['ADMIN_TOKEN'] ?? '';
  server = createTestHarness({ root: ROOT, workers: [{ configPath: SINGLE.config, secrets }] });
  edge = (await server.listen()).url.origin;
});
afterAll(() => server.close());

test('a client registers, reads, writes and asks who it is', async () => {
  const client = await CaleClient.register({ edge, authorization: ALICE, store: new MemoryKeyStore() });
  // The origin asks the resource server for it.
  expect(await (await client.fetch('/resource')).json()).toMatchObject({ owner: 'alice', aggregate: { foo: 'bar' } });
  for (const seal of [false, true]) {
    const response = await client.fetch('/echo', { method: 'POST', body: 'hello', seal });
    expect(await response.json()).toEqual({ owner: 'alice', method: 'POST', body: 'hello' });
  }
  expect(await client.whoami()).toMatchObject({ owner: 'alice', organization: 'example.com' });
});

test('an administrator lists and revokes, and the sweep runs', async () => {
  const client = await CaleClient.register({ edge, authorization: ALICE, store: new MemoryKeyStore() });
  const headers = { Authorization: `Bearer ${token}` };
  const status = await fetch(`${edge}/admin/status`, { headers });
  expect(await status.json()).toMatchObject({ catalogue: 'reachable' });
  await fetch(`${edge}/admin/credentials?owner=alice`, { method: 'DELETE', headers });
  await expect(client.fetch('/balance')).rejects.toMatchObject({ code: 'unreadable' });
  expect(await server.getWorker('cale').scheduled({ cron: '17 3 * * *' })).toMatchObject({ outcome: 'ok' });
});

test('no party but the edge can be reached', async () => {
  const { device, guid } = await registeredDevice({ url: new URL(edge), server });
  for (const path of ['/validate', '/aggregate', '/certificates']) {
    expect((await fetch(`${edge}${path}`)).status).toBe(401);
    // The authority would answer with a certificate. It is the origin that is asked, which has no such route.
    const answer = await ask({ url: new URL(edge), server }, path, guid);
    expect(JSON.parse(await device.open(await answer.text()))).toEqual({ error: 'not found' });
  }
});
