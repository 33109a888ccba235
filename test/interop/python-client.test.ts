/** A client in Python that was written after docs/clients.md, through all Workers. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { PYTHON_PROGRAM } from '../support/foreign/python.ts';
import { closeTools, PYTHON } from '../support/foreign/tools.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const CLIENT = join(ROOT, 'test/interop/foreign/client.py');
const isThere = (await PYTHON.version()) !== undefined;
afterAll(closeTools);

describe.each([
  ['AEAD-AES256-GCM-SHA384', ['P-256', 'RSA-3072']],
  ['AEAD-CHACHA20-POLY1305-SHA256', ['P-384', 'P-521']],
])('over %s', (cipher, keyTypes) => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ vars: { edge: { TLS_CIPHER: cipher } } });
  });
  afterAll(() => harness.server.close());

  test.skipIf(!isThere && process.env['CI'] === undefined).each(keyTypes)(
    'Python with %s registers, reads, writes, seals, renews and revokes',
    async (keyType) => {
      const edge = new URL(harness.url).origin;
      const { stdout } = await promisify(execFile)(PYTHON_PROGRAM, [CLIENT, edge, 'alice:wonderland', keyType]);
      const resource = {
        owner: 'alice',
        organization: 'example.com',
        scopes: ['read', 'write'],
        aggregate: { foo: 'bar' },
      };
      const { read, sealed, write, sealedWrite, ...others } = JSON.parse(stdout);
      for (const [status, content] of [read, sealed]) {
        expect([status, JSON.parse(content)]).toEqual([200, resource]);
      }
      expect([write[0], JSON.parse(write[1])]).toEqual([200, { owner: 'alice', method: 'POST', body: 'hello' }]);
      expect([sealedWrite[0], JSON.parse(sealedWrite[1])]).toMatchObject([200, { method: 'POST', body: 'sealed' }]);
      expect(others).toEqual({
        whoami: { owner: 'alice', organization: 'example.com', scopes: ['read', 'write'], device: 'CN=Python' },
        missing: 404,
        listed: [keyType],
        renewed: 'alice',
        revoked: 1,
        // The credential before the renewal, and the renewed one.
        ended: ['unreadable', 'unreadable'],
        refused: 'urn:cale:problem:secondary-proof-required',
      });
    },
  );
});
