/**
 * npm run startup:check: starts every Worker in workerd, built from its own configuration, with secrets that are made for it.
 * `wrangler check startup` cannot: it has no Durable Objects and no secrets, without which these Workers do not start.
 */

import './local-runs.ts';
import { createTestHarness } from 'wrangler';
import { repositoryProject } from './deploy/repository.ts';
import { byWorker } from './deploy/secrets.ts';
import { createDevelopmentSecrets } from './development-secrets.ts';
import { ALL_WORKERS, ROOT, SINGLE } from './workers.ts';

/** An address that is not asked. */
const VARS: Partial<Record<string, Record<string, string>>> = { gateway: { UPSTREAM: 'https://api.example.com' } };

process.env['WRANGLER_LOG'] = 'error';
const secrets = await createDevelopmentSecrets();
const { workers } = repositoryProject({ hasGateway: false, isSingle: true });
const all: Readonly<Record<string, Record<string, string>>> = { ...secrets, ...byWorker(workers, secrets) };
const harness = createTestHarness({
  root: ROOT,
  workers: [...ALL_WORKERS, SINGLE].map(({ name, config }) => ({
    configPath: config,
    vars: VARS[name] ?? {},
    secrets: all[name] ?? {},
  })),
});
try {
  await harness.listen();
  // A Worker starts with its first request, which its code has to answer: with a refusal, since no client sends it.
  for (const name of ['cale', ...ALL_WORKERS.map(({ name }) => `cale-${name}`)]) {
    await (await harness.getWorker(name).fetch('https://worker/')).arrayBuffer();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  for (const { message } of harness.getLogs()) console.error(message);
  process.exitCode = 1;
} finally {
  await harness.close();
}
