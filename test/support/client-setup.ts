/** The surroundings of the tests of the client, in each runtime: an edge to talk to, and the vectors of Wycheproof. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { startHarness } from './harness.ts';
import type { VectorFile } from './provided.ts';
import { findSuite } from './suites.ts';

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const secrets = await createDevelopmentSecrets();
  const harness = await startHarness({
    secrets,
    vars: {
      edge: { ALLOWED_ORIGINS: '*', UNSAFE_METHODS: 'allow', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' },
    },
    edgeBindings: { ORIGIN: 'client-origin' },
    more: [
      {
        name: 'client-origin',
        main: 'test/support/client-origin.ts',
        compatibility_date: '2026-11-02',
        compatibility_flags: ['nodejs_compat'],
        vars: { AUTHORITY_CERTIFICATES: secrets.origin['AUTHORITY_CERTIFICATES'] ?? '' },
        services: [{ binding: 'RESOURCE', service: 'cale-resource' }],
      },
    ],
  });
  provide('edge', new URL(harness.url).origin);
  provide('wycheproof', readVectors());
  return () => harness.server.close();
}

/** By the names of the files without their endings; undefined where the suite is absent. */
function readVectors(): Record<string, VectorFile> | undefined {
  // Of C2SP/wycheproof, Apache-2.0.
  const path = findSuite('wycheproof');
  if (path === undefined) return undefined;
  const names = readdirSync(path).filter((name) => name.endsWith('_test.json'));
  return Object.fromEntries(
    names.map((name) => [name.replace('_test.json', ''), JSON.parse(readFileSync(join(path, name), 'utf8'))]),
  );
}
