/** The demo's page, as a visitor uses it: wide and narrow, light and dark, with a mouse and with only the keyboard. */

import { mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { hasChromium, launch } from '../support/chromium.ts';
import { type Harness, startHarness } from '../support/harness.ts';

/** Kept by CI, to be looked at. */
const SCREENSHOTS = join(ROOT, 'test-results/tour');
const AXE = createRequire(import.meta.url).resolve('axe-core');
const MOST_TABS = 100;

declare global {
  var axe: { run: () => Promise<AxeResults> };
}

describe.skipIf(!hasChromium)('the page', () => {
  let harness: Harness;
  let edge: string;
  let profile: string;
  let browser: BrowserContext;
  let page: Page;
  /** Errors of the page, and requests for anything that is not the edge's: no visitor should see one. */
  let faults: string[];

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    harness = await startHarness({ vars: { edge: { DEMO: 'on', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } } });
    edge = new URL(harness.url).origin;
  });
  afterAll(() => harness.server.close());

  beforeEach(async () => {
    faults = [];
    profile = await mkdtemp(join(tmpdir(), 'cale-tour-'));
    browser = await launch(profile);
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== edge && protocol !== 'data:') faults.push(request.url());
    });
  });
  afterEach(async () => {
    await browser.close();
    await rm(profile, { recursive: true });
    expect(faults).toEqual([]);
  });

  const textOf = async (selector: string): Promise<string> => (await page.locator(selector).allInnerTexts()).join('\n');
  const shoot = (name: string) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

  async function until(selector: string, text: RegExp): Promise<void> {
    await page.locator(selector).filter({ hasText: text }).waitFor();
  }

  /** Goes from control to control until the one is reached, and presses a key on it. */
  async function reachAndPress(selector: string, key = 'Enter'): Promise<void> {
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)) {
        return page.keyboard.press(key);
      }
      await page.keyboard.press('Tab');
    }
    throw new Error(`${selector} is out of the keyboard's reach`);
  }

  async function violations(): Promise<string[]> {
    await page.evaluate(readFileSync(AXE, 'utf8'));
    const results = await page.evaluate(() => globalThis.axe.run());
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  const isWiderThanTheWindow = () =>
    page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

  test('the whole tour, wide and light', async () => {
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(edge);
    await shoot('wide-0-arrival');
    expect(await violations()).toEqual([]);

    await page.check('input[value="bob"]');
    await page.click('#do-register');
    await until('#clear', /The GUID: [0-9a-f-]{36}/);
    expect(await textOf('#wire')).toMatch(/POST \/registration[\s\S]*application\/pkcs10[\s\S]*\n200\n/);
    await shoot('wide-1-registered');

    await page.click('[data-step="ask"]');
    await page.click('[data-path="/scoped"]');
    await until('#clear', /scope write is needed/);
    // Inside it is a refusal, outside it is not.
    expect(await textOf('#clear')).toContain('403');
    expect(await textOf('#wire')).toMatch(/GET \/scoped[\s\S]*cale-guid: [0-9a-f-]{36}[\s\S]*\n200\n/);
    await page.click('[data-path="/whoami"]');
    await until('#clear', /Owner\s*bob/);

    // Each hop lights up in its time.
    await page.click('[data-path="/resource"]');
    await until('#hops', /GET \/aggregate/);
    expect(await page.locator('.hop.lit').count()).toBeLessThan(await page.locator('.hop').count());
    await shoot('wide-2-on-its-way');
    await until('#clear', /"owner": "bob"/);
    expect(await page.locator('.hop.lit').count()).toBe(8);
    const wire = await textOf('#wire');
    for (const field of ['recipientInfos', 'KeyAgreeRecipientInfo', 'AES-256-GCM', 'encryptedContent', 'mac']) {
      expect(wire).toContain(field);
    }
    expect(wire).not.toContain('bob');
    await shoot('wide-3-read');
    expect(await violations()).toEqual([]);

    // A write is signed: what is written is seen on the way, what is answered is not.
    await page.click('#do-write');
    await until('#clear', /"body": "Remember the milk\."/);
    const written = await textOf('#wire');
    for (const field of [
      'POST /echo',
      'signature-input: cale=',
      'signature: cale=',
      'content-digest: sha-256=',
      'cale-nonce:',
    ]) {
      expect(written).toContain(field);
    }
    expect(written).toContain('Remember the milk.');
    expect(await textOf('#hops')).toContain('the nonce to be admitted once');
    await shoot('wide-4-written');

    // A sealed one says not even what is asked for.
    await page.click('#do-seal');
    await until('#clear', /"owner": "bob"/);
    const sealed = await textOf('#wire');
    expect(sealed).toMatch(/POST \/\.well-known\/cale\/sealed[\s\S]*application\/pkcs7-mime/);
    for (const secret of ['bob', 'GET', '/resource', 'signature-input']) expect(sealed).not.toContain(secret);
    expect(await textOf('#hops')).toContain('the sealed request, which only it opens');
    await shoot('wide-5-sealed');
    expect(await violations()).toEqual([]);

    await page.click('[data-step="revoke"]');
    await page.click('#do-revoke');
    await until('#clear', /cannot be opened/);
    await until('#status', /is revoked/);
    expect(await textOf('#hops')).toContain('the GUID is unknown');
    expect(await textOf('#wire')).toContain('encryptedContent');
    await shoot('wide-6-revoked');
    expect(await violations()).toEqual([]);
  });

  test('the whole tour on a phone, dark, without motion and with only the keyboard', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.goto(edge);
    await reachAndPress('#do-register');
    await until('#clear', /The GUID/);
    expect(await isWiderThanTheWindow()).toBe(false);
    await reachAndPress('#do-export');
    await until('#exported', /InvalidAccessError/);
    await shoot('phone-1-registered');

    await reachAndPress('[data-step="ask"]');
    await reachAndPress('[data-path="/resource"]', 'Space');
    await until('#clear', /"owner": "alice"/);
    expect(await isWiderThanTheWindow()).toBe(false);
    for (const [button, answer] of [
      ['#do-write', /"method": "POST"/],
      ['#do-seal', /"aggregate"/],
    ] as const) {
      await reachAndPress(button);
      await until('#clear', answer);
      expect(await isWiderThanTheWindow()).toBe(false);
    }
    await shoot('phone-2-read');
    expect(await violations()).toEqual([]);

    await reachAndPress('[data-step="decoy"]');
    await reachAndPress('#do-deal');
    await until('#verdict', /Which/);
    expect(await violations()).toEqual([]);
    await reachAndPress('#answers button');
    await until('#verdict', /of 1 so far/);
    expect(await isWiderThanTheWindow()).toBe(false);
    await shoot('phone-3-decoy');

    await reachAndPress('[data-step="revoke"]');
    await reachAndPress('#do-revoke');
    await until('#clear', /cannot be opened/);
    await shoot('phone-4-revoked');
    expect(await violations()).toEqual([]);
  });

  test('of two answers one is readable, the other is the decoy, and the verdict is true', async () => {
    await page.goto(`${edge}/#decoy`);
    for (let round = 1; round <= 3; round++) {
      await page.click('#do-deal');
      await until('#verdict', /Which/);
      const [first, second] = await page.locator('#answers article').allInnerTexts();
      for (const answer of [first, second]) {
        expect(answer).toContain('encryptedContent');
        expect(answer).not.toMatch(/Remember|cannot be opened/);
      }
      await page.locator('#answers button').first().click();
      await until('#verdict', new RegExp(`of ${round} so far`));
      const opened = await page.locator('#answers article').allInnerTexts();
      const decoy = opened.findIndex((text) => text.includes('cannot be opened'));
      expect(opened[1 - decoy]).toContain('"note": "Remember the milk.');
      expect(await textOf('#verdict')).toContain(
        `${decoy === 0 ? 'Right' : 'Wrong'}: answer ${decoy + 1} is the decoy`,
      );
    }
    await shoot('decoy-told');
  });

  test('what the edge refuses is said, at every step', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.route('**/registration', (route) => route.fulfill({ status: 429, body: '{}' }));
    await page.goto(edge);
    await page.click('#do-register');
    await until('#status', /refused the request/);
    await page.click('[data-step="decoy"]');
    await page.click('#do-deal');
    await until('#verdict', /refused the request/);
    // The browser itself has a word on each answer of that kind.
    expect(faults.filter((fault) => !fault.includes('429'))).toEqual([]);
    faults = [];
  });

  test('the account is there after a reload, and gone when it is forgotten', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(edge);
    await page.click('#do-register');
    await until('#clear', /The GUID/);
    const guid = await textOf('#guid');
    await page.click('[data-step="ask"]');
    await page.reload();
    await page.click('[data-path="/resource"]');
    await until('#clear', /"owner": "alice"/);
    await page.click('[data-step="register"]');
    expect(await textOf('#guid')).toBe(guid);
    await page.click('#do-forget');
    await until('#status', /is gone/);
    await page.reload();
    await page.click('[data-step="ask"]');
    await page.click('[data-path="/resource"]');
    await until('#status', /register first/);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('do-register');
  });
});
