/** The client in a real browser: the key is kept by IndexedDB, over reloads and restarts, and leaves it by no way. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as client from '../../client/index.ts';
import { type Served, type ServedExample, serveExample, servePage } from '../support/browser-page.ts';
import { hasChromium, launch } from '../support/chromium.ts';
import { ALICE, BOB, type Harness, startHarness } from '../support/harness.ts';

declare global {
  /** The client, as the page has it. */
  var cale: typeof client;
}

describe.skipIf(!hasChromium)('in Chromium', () => {
  let served: Served;
  let example: ServedExample;
  let harness: Harness;
  let profile: string;
  let browser: BrowserContext;
  let page: Page;
  let edge: string;
  /** Header fields and bodies of all that went over the network between page and edge, both ways. */
  const wire: string[] = [];

  async function record(route: Route): Promise<void> {
    const request = route.request();
    const response = await route.fetch();
    const fields = JSON.stringify([await request.allHeaders(), response.headers()]);
    wire.push(fields, request.postDataBuffer()?.toString('latin1') ?? '', (await response.body()).toString('latin1'));
    await route.fulfill({ response });
  }

  async function openPage(): Promise<void> {
    browser = await launch(profile);
    page = await browser.newPage();
    await page.route(`${edge}/**`, record);
    await page.goto(served.url.href);
    await page.waitForFunction(() => globalThis.cale !== undefined);
  }

  beforeAll(async () => {
    [served, example] = await Promise.all([servePage(), serveExample()]);
    const allowed = `${served.url.origin},${example.url.origin}`;
    const vars = { ALLOWED_ORIGINS: allowed, TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' };
    harness = await startHarness({ vars: { edge: vars } });
    edge = new URL(harness.url).origin;
    profile = await mkdtemp(join(tmpdir(), 'cale-chromium-'));
    await openPage();
  });
  afterAll(async () => {
    await browser.close();
    await harness.server.close();
    await Promise.all([served.close(), example.close()]);
    await rm(profile, { recursive: true });
  });

  const credentialsOf = async (owner: string): Promise<unknown[]> => {
    const token = { headers: { Authorization: 'Bearer admin' } };
    const answer = await harness.server.fetch(`/admin/credentials?owner=${owner}`, token);
    return ((await answer.json()) as { credentials: unknown[] }).credentials;
  };

  const ownerOfResource = (account: string): Promise<string> =>
    page.evaluate(
      async ([edge, account]) => {
        const client = await cale.CaleClient.load({ edge, account });
        if (client === undefined) return 'no account';
        return ((await (await client.fetch('/resource')).json()) as { owner: string }).owner;
      },
      [edge, account] as const,
    );

  const register = (account: string, authorization: string, key: client.KeyType): Promise<string> =>
    page.evaluate(
      async ([edge, account, authorization, key]) => {
        const client = await cale.CaleClient.register({ edge, account, authorization, key, subject: 'a browser' });
        return (await client.whoami()).owner;
      },
      [edge, account, authorization, key] as const,
    );

  test('registers accounts side by side, with keys of both kinds', async () => {
    expect(await register('default', ALICE, 'P-256')).toBe('alice');
    expect(await register('other', BOB, 'RSA-2048')).toBe('bob');
    expect(await ownerOfResource('default')).toBe('alice');
    expect(await ownerOfResource('other')).toBe('bob');
  });

  test("fetch gives the origin's status and header fields", async () => {
    const seen = await page.evaluate(async (edge) => {
      const client = await cale.CaleClient.load({ edge, account: 'other' });
      const response = await client?.fetch('/scoped');
      return [response?.status, response?.headers.get('Content-Type'), response?.url];
    }, edge);
    expect(seen).toEqual([403, 'application/json', `${edge}/scoped`]);
  });

  test('the key is there after a reload, and after the browser was closed', async () => {
    await page.reload();
    await page.waitForFunction(() => globalThis.cale !== undefined);
    expect(await ownerOfResource('default')).toBe('alice');
    await browser.close();
    await openPage();
    expect(await ownerOfResource('default')).toBe('alice');
    expect(await ownerOfResource('other')).toBe('bob');
  });

  test('the key that is stored cannot be exported, in any form', async () => {
    const outcomes = await page.evaluate(async (edge) => {
      const store = new cale.IndexedDbKeyStore();
      const outcomes: string[] = [];
      for (const name of ['default', 'other']) {
        const key = (await store.get({ edge, name }))?.key.key as CryptoKey;
        for (const format of ['pkcs8', 'jwk'] as const) {
          outcomes.push(
            await crypto.subtle.exportKey(format, key).then(
              () => 'exported',
              (error: Error) => error.name,
            ),
          );
        }
      }
      return outcomes;
    }, edge);
    expect(outcomes).toEqual(Array.from({ length: 4 }, () => 'InvalidAccessError'));
  });

  test('two pages that are opened at once make one credential, and both read', async () => {
    const before = (await credentialsOf('alice')).length;
    const second = await browser.newPage();
    await second.goto(served.url.href);
    await second.waitForFunction(() => globalThis.cale !== undefined);
    const given = { edge, authorization: ALICE, account: 'shared' };
    const loadOrRegister = (at: Page) =>
      at.evaluate(async (options) => {
        const client = await cale.CaleClient.loadOrRegister(options);
        return ((await (await client.fetch('/resource')).json()) as { owner: string }).owner;
      }, given);
    expect(await Promise.all([page, second, page, second].map(loadOrRegister))).toEqual(Array(4).fill('alice'));
    expect((await credentialsOf('alice')).length).toBe(before + 1);
    await second.close();
  });

  test('a service worker answers its page with what the API says, and writes', async () => {
    await example.build(edge);
    const other = await browser.newPage();
    await other.goto(example.url.href);
    await other.waitForFunction(() => document.querySelector('output')?.value !== '');
    const read = await other.evaluate(() => document.querySelector('output')?.value ?? '');
    expect(JSON.parse(read)).toMatchObject({ owner: 'alice' });
    const written = await other.evaluate(async () => {
      const answer = await fetch('/api/echo', { method: 'POST', body: 'by a worker' });
      return [answer.status, await answer.json()];
    });
    expect(written).toMatchObject([200, { owner: 'alice', body: 'by a worker' }]);
    await other.close();
  });

  test('the network has seen neither what the answers say nor a private key', async () => {
    const all = wire.join('\n');
    // Both are there: the requests, and what they were answered with (id-ct-authEnvelopedData, RFC 5083).
    expect(all).toContain('cale-guid');
    expect(all.split('\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17').length).toBeGreaterThan(9);
    for (const secret of ['alice', '"owner"', 'aggregate', 'PRIVATE KEY']) expect(all).not.toContain(secret);
    // An uncompressed PrivateKeyInfo of either kind would have its AlgorithmIdentifier behind the version.
    expect(all).not.toContain('\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01');
    expect(all).not.toContain('\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01');
  });

  test('a revoked credential is unreadable; a forgotten account is gone', async () => {
    const token = { method: 'DELETE', headers: { Authorization: 'Bearer admin' } };
    await harness.server.fetch('/admin/credentials?owner=bob', token);
    const code = await page.evaluate(async (edge) => {
      const client = await cale.CaleClient.load({ edge, account: 'other' });
      return client?.fetch('/resource').then(
        () => 'readable',
        (error: unknown) => (error instanceof cale.CaleError ? error.code : String(error)),
      );
    }, edge);
    expect(code).toBe('unreadable');
    await page.evaluate(async (edge) => (await cale.CaleClient.load({ edge, account: 'other' }))?.forget(), edge);
    expect(await ownerOfResource('other')).toBe('no account');
  });

  test.each(['denied', 'without keys'])(
    'storage that is %s is an error, and no credential is left behind',
    async (kind) => {
      const { length: before } = await credentialsOf('alice');
      const code = await page.evaluate(
        async ([edge, authorization, kind]) => {
          const store = new cale.IndexedDbKeyStore(`blocked ${kind}`);
          const { open } = IDBFactory.prototype;
          const { put } = IDBObjectStore.prototype;
          if (kind === 'denied') {
            IDBFactory.prototype.open = () => {
              throw new DOMException('denied', 'SecurityError');
            };
          } else {
            // As browsers do that keep the object and lose the key in it.
            IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
              return put.call(this, JSON.parse(JSON.stringify(value)), key);
            };
          }
          const code = await cale.CaleClient.register({ edge, authorization, store }).then(
            () => 'registered',
            (error: unknown) => (error instanceof cale.CaleError ? error.code : String(error)),
          );
          IDBFactory.prototype.open = open;
          IDBObjectStore.prototype.put = put;
          return code;
        },
        [edge, ALICE, kind] as const,
      );
      expect(code).toBe('storage');
      expect(await credentialsOf('alice')).toHaveLength(before);
      expect(before).toBeGreaterThan(0);
    },
  );
});
