/** The library of origins runs where `(Request) → Response` does: here in plain Node, behind the edge. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { ROOT } from '../../scripts/workers.ts';
import { parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import type { Device } from '../support/device.ts';
import { ask, type Harness, registeredDevice, startHarness } from '../support/harness.ts';
import { randomNonce, signedFields } from '../support/raw-signing.ts';
import { WHOLE_ANSWER } from '../support/test-origin.ts';

test.each(['origin/origin.ts', 'origin/hono.ts'])('%s asks for no module of a platform', async (entry) => {
  const { metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['hono', 'hono/*'],
    metafile: true,
    write: false,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect(imports.filter((path) => !path.startsWith('hono'))).toEqual([]);
});

describe('an origin in Node', () => {
  let node: ChildProcess;
  let harness: Harness;
  let device: Device;
  let guid: string;
  beforeAll(async () => {
    const secrets = await createDevelopmentSecrets();
    const { AUTHORITY_CERTIFICATES: authorities, ...keys } = secrets.origin;
    const signing = { key: keys['ORIGIN_SIGNING_KEY'], certificates: keys['ORIGIN_SIGNING_CERTIFICATES'] };
    node = spawn(process.execPath, [join(ROOT, 'test/support/node-origin.ts')], { stdio: ['pipe', 'pipe', 'ignore'] });
    node.stdin?.end(JSON.stringify({ authorities, signing }));
    const [ready] = await once(node.stdout as NonNullable<typeof node.stdout>, 'data');
    const [, port] = /^ready (\d+)$/m.exec(String(ready)) ?? [];
    harness = await startHarness({
      secrets,
      edgeBindings: { ORIGIN: 'forwarder' },
      more: [
        {
          name: 'forwarder',
          main: 'test/support/forwarder.ts',
          compatibility_date: '2026-11-02',
          vars: { TARGET: `http://127.0.0.1:${port}` },
        },
      ],
    });
    ({ device, guid } = await registeredDevice(harness));
  });
  afterAll(async () => {
    node.kill();
    await harness.server.close();
  });

  async function read(path: string, init: NonNullable<Parameters<typeof ask>[3]> = {}): Promise<string> {
    const headers = { ...WHOLE_ANSWER, 'cale-nonce': randomNonce(), ...(init.headers as object) };
    const response = await ask(harness, path, guid, { ...init, headers });
    expect(response.status).toBe(200);
    const opened = parseResponse(await device.openBytes(new Uint8Array(await response.arrayBuffer())));
    const names = opened.headers.map(([name]) => name);
    expect(names).toContain('signature');
    for (const name of ['content-encoding', 'content-length']) expect(names).not.toContain(name);
    return `${opened.status} ${parseUtf8(opened.content)}`;
  }
  const HELLO = 'hello '.repeat(100);

  test.each<[string, unknown]>([
    ['/hello', '200 hello alice'],
    ['/gzip', `200 ${HELLO}`],
    ['/br', `200 ${HELLO}`],
    ['/decoded', `200 ${HELLO}`],
    ['/chunks', `200 ${HELLO}${HELLO}`],
    ['/nowhere', '404 not found'],
    ['/throws', expect.stringMatching(/^500 .*origin-failed/)],
    ['/broken', expect.stringMatching(/^500 .*origin-failed/)],
    ['/endless', expect.stringMatching(/^504 .*answer-not-ended/)],
    ['/large', expect.stringMatching(/^500 .*answer-too-large/)],
  ])('answers signed and sealed: %s', async (path, answer) => {
    expect(await read(path)).toEqual(answer);
  });

  test('verifies a write', async () => {
    const request = {
      method: 'POST',
      url: new URL('/echo', harness.url).href,
      body: 'a body',
      contentType: 'text/plain',
    };
    const headers = await signedFields(device, { ...request, nonce: randomNonce() });
    expect(await read('/echo', { method: 'POST', body: 'a body', headers })).toBe('200 signature: a body');
    const other = { method: 'POST', body: 'another', headers: { ...headers, 'cale-nonce': randomNonce() } };
    expect(await read('/echo', other)).toMatch(/^401 .*proof-not-valid/);
  });
});
