/** The surroundings of the tests of the client, in each runtime: an edge to talk to, and the vectors of Wycheproof. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { VectorFile } from './provided.ts';
import { findSuite } from './suites.ts';
import { startWithTestOrigin } from './test-origin.ts';

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const harness = await startWithTestOrigin({
    edge: { ALLOWED_ORIGINS: '*', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' },
  });
  provide('edge', new URL(harness.url).origin);
  const { AUTHORITY_KEY: key = '', AUTHORITY_CERTIFICATES: certificate = '' } = harness.secrets.authority;
  provide('authority', { key, certificate });
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
