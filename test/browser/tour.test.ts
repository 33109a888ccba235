/** The demo's page, as a visitor uses it: wide and narrow, light and dark, with a mouse and with only the keyboard. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { hasChromium } from '../support/chromium.ts';
import { Device } from '../support/device.ts';
import { type Harness, register, startHarness } from '../support/harness.ts';
import { Visitor } from '../support/visitor.ts';

/** Kept by CI, to be looked at. */
const SCREENSHOTS = join(ROOT, 'test-results/tour');
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 360, height: 740 };
const STEPS = ['read', 'give', 'refuse', 'write', 'seal', 'decoy', 'key', 'devices', 'revoke'];

describe.skipIf(!hasChromium)('the page', () => {
  let harness: Harness;
  let edge: string;
  let visitor: Visitor;
  let page: Visitor['page'];

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    harness = await startHarness({ vars: { edge: { DEMO: 'on', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } } });
    edge = new URL(harness.url).origin;
  });
  afterAll(() => harness.server.close());

  beforeEach(async () => {
    visitor = await Visitor.enter(edge);
    page = visitor.page;
  });
  afterEach(async () => {
    await visitor.leave();
    expect(visitor.faults).toEqual([]);
  });

  const shoot = (name: string) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

  test('asks by itself when it is opened, and shows the bytes that passed beside what they say', async () => {
    const passed: Buffer[] = [];
    page.on('response', async (response) => {
      if (new URL(response.url()).pathname === '/balance') passed.push(await response.body());
    });
    await page.setViewportSize(WIDE);
    await page.goto(edge);
    await visitor.arrive();
    expect(await visitor.text('#clear')).toMatch(/^200\n[\s\S]*"owner": "alice",\s+"balance": "1,284\.50 EUR"/);
    const outside = await visitor.text('#wire');
    expect(outside).toMatch(/^GET \/balance\b[\s\S]*\n200\b/);
    expect(outside).toContain(`${passed[0]?.length} bytes`);
    for (const secret of ['alice', 'balance"', '1,284']) expect(outside).not.toContain(secret);
    // All bytes are there, and they are those that passed.
    await visitor.unfold('#wire');
    const rows = (await page.locator('#wire .bytes').allTextContents()).join('\n').split('\n');
    const shown = rows.map((row) => row.slice(0, 48).replaceAll(' ', '')).join('');
    expect(shown).toBe(passed[0]?.toString('hex'));
  });

  test.each([
    ['wide', WIDE],
    ['phone', PHONE],
  ] as const)('shows headline, both sides and what to do on the first screen: %s', async (name, size) => {
    await page.setViewportSize(size);
    await page.goto(edge);
    await visitor.arrive();
    const [headline, inside, outside] = await Promise.all([
      visitor.place('h1'),
      visitor.place('#stage .inside'),
      visitor.place('#stage .outside'),
    ]);
    expect(headline.top).toBeGreaterThanOrEqual(0);
    expect(headline.bottom).toBeLessThan(inside.top);
    expect(outside.bottom).toBeLessThan(size.height);
    if (name === 'wide') {
      // Beside each other, on the way first.
      expect(outside.top).toBe(inside.top);
      expect(outside.right).toBeLessThan(inside.left);
      for (const button of ['#try-give', '#try-refuse', '#try-write']) {
        expect((await visitor.place(button)).bottom).toBeLessThan(size.height);
      }
    } else {
      expect(inside.bottom).toBeLessThan(outside.top);
      expect(inside.left).toBe(outside.left);
      expect((await visitor.place('#try-give')).bottom).toBeLessThan(size.height);
    }
    // Those who hear the page hear the readable side first.
    const titles = await page.locator('#stage h2').allInnerTexts();
    expect(titles).toEqual(['What you see', 'What the network, proxies, logs and the edge see']);
    await page.screenshot({ path: join(SCREENSHOTS, `first-screen-${name}.png`) });
  });

  test.each([WIDE, PHONE, NARROW])('does not scroll and hardly shifts while it loads: $width pixels', async (size) => {
    await page.setViewportSize(size);
    for (const step of ['', '#write', '#decoy']) {
      await page.goto('about:blank');
      await page.goto(`${edge}/${step}`, { waitUntil: 'load' });
      if (step !== '#decoy') await visitor.arrive();
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      expect(await page.evaluate(() => scrollY), step).toBe(0);
      expect(await visitor.isWiderThanTheWindow(), step).toBe(false);
      // Where the decoy is asked for, the page takes the two sides away.
      if (step !== '#decoy') expect(await visitor.layoutShift(), step).toBeLessThan(0.1);
    }
  });

  test('the whole tour, wide and light', async () => {
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(edge);
    await visitor.arrive();
    expect(await visitor.violations()).toEqual([]);

    // The same bytes, and a key that is not theirs.
    const outside = await visitor.text('#wire');
    await page.click('#try-give');
    await visitor.until('#status', /^bob has alice’s answer: unreadable\.$/);
    expect(await visitor.text('#clear-title')).toBe('What bob sees');
    expect(await visitor.text('#clear')).toMatch(/^Unreadable\./);
    expect(await visitor.text('#wire')).toBe(outside);
    await shoot('wide-1-given-away');
    expect(await visitor.violations()).toEqual([]);

    // Inside is a refusal, outside is none.
    await page.click('#next');
    await page.click('#do-refuse');
    await visitor.until('#clear', /scope write is needed/);
    expect(await visitor.text('#clear-title')).toBe('What bob sees');
    expect(await visitor.text('#clear')).toMatch(/^403\n/);
    expect(await visitor.text('#wire')).toMatch(/^GET \/scoped\b[\s\S]*\n200\b/);
    expect(await visitor.text('#wire')).not.toContain('403');
    await visitor.until('#status', /^Outside: 200, like every answer\. Inside, for bob only: 403\.$/);
    await shoot('wide-2-refused');

    // A write is signed: what is written is seen on the way, what is answered is not.
    await page.click('#next');
    await page.fill('#text', 'Pay bob 30 EUR.');
    await page.click('#do-write');
    await visitor.until('#clear', /"body": "Pay bob 30 EUR\."/);
    await visitor.unfold('#wire');
    const written = await visitor.text('#wire');
    for (const field of ['signature-input: cale=', 'signature: cale=', 'content-digest: sha-256=', 'cale-nonce:']) {
      expect(written).toContain(field);
    }
    expect(written).toMatch(/^POST \/echo\b[\s\S]*\nPay bob 30 EUR\.\n/);
    expect(await visitor.text('#hops')).toContain('the nonce to be admitted once');
    await shoot('wide-3-signed');
    await page.click('#do-change');
    await visitor.until('#clear', /proof-not-valid/);
    expect(await visitor.text('#clear')).toMatch(/^401\n/);
    expect(await visitor.text('#wire')).toContain('Pay bob 30 EUR. And 500 to me.');

    // A sealed one says not even what is asked for.
    await page.click('#next');
    await page.click('#do-seal');
    await visitor.until('#clear', /"body": "Pay bob 30 EUR\."/);
    await visitor.unfold('#wire');
    const sealed = await visitor.text('#wire');
    expect(sealed).toMatch(/^POST \/\.well-known\/cale\/sealed\b[\s\S]*application\/pkcs7-mime/);
    for (const secret of ['bob', '30 EUR', 'echo', 'signature-input']) expect(sealed).not.toContain(secret);
    for (const field of ['recipientInfos', 'KeyAgreeRecipientInfo', 'AES-256-GCM', 'encryptedContent', 'mac']) {
      expect(sealed).toContain(field);
    }
    expect(await visitor.text('#hops')).toContain('the sealed request, which only it opens');
    await shoot('wide-4-sealed');
    expect(await visitor.violations()).toEqual([]);

    await page.click('#next');
    await page.click('#do-deal');
    await visitor.until('#verdict', /Which/);
    await page.click('#answers button');
    await visitor.until('#verdict', /of 1 so far/);
    await shoot('wide-5-decoy');
    expect(await visitor.violations()).toEqual([]);

    await page.click('#next');
    await page.click('#do-whoami');
    await visitor.until('#clear', /Owner\s*alice/);
    await page.click('#do-register');
    await visitor.until('#clear', /The GUID of the new key: [0-9a-f-]{36}/);
    expect(await visitor.text('#wire')).toMatch(/^POST \/registration\b[\s\S]*\n200\b/);
    await shoot('wide-6-key');

    // The key from before is one of the list; the browser revokes it by the new one.
    await page.click('#next');
    await page.click('#do-devices');
    await visitor.until('#clear', /CN=a browser, this browser: valid/);
    expect(await page.locator('#clear li').filter({ hasText: ': valid' }).count()).toBeGreaterThan(1);
    expect(await visitor.text('#wire')).not.toContain('a browser');
    await page.click('#do-revoke-others');
    await visitor.until('#status', /other keys of alice are revoked/);
    expect(await page.locator('#clear li').filter({ hasText: ': valid' }).count()).toBe(1);
    await shoot('wide-7-devices');
    expect(await visitor.violations()).toEqual([]);

    await page.click('#next');
    await page.click('#do-revoke');
    await visitor.until('#clear', /cannot be opened/);
    await visitor.until('#status', /^alice’s GUID is revoked/);
    expect(await visitor.text('#hops')).toContain('the GUID is unknown');
    expect(await visitor.text('#wire')).toMatch(/^GET \/balance\b[\s\S]*\n200\b/);
    await shoot('wide-8-revoked');
    expect(await visitor.violations()).toEqual([]);

    // All is ticked off, and it can begin again.
    expect(await page.locator('nav button.done').count()).toBe(STEPS.length);
    await page.click('#do-restart');
    await visitor.until('#clear', /"owner": "alice"/);
  });

  test('the whole tour on a phone, dark, without motion and with only the keyboard', async () => {
    await page.setViewportSize(NARROW);
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.goto(edge);
    await visitor.arrive();
    expect(await visitor.violations()).toEqual([]);

    const isInSight = (selector: string) =>
      page.locator(selector).evaluate((element) => {
        const { top, bottom } = element.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      });
    for (const [button, step, said] of [
      ['#try-give', 'give', /unreadable/],
      ['#do-refuse', 'refuse', /403/],
      ['#do-write', 'write', /^Signed by your key/],
      ['#do-change', 'write', /the API refused it/],
      ['#do-seal', 'seal', /^Hidden on the way/],
      ['#do-whoami', 'key', /^Signed by the authority/],
      ['#do-export', 'key', /^Signed by the authority/],
      ['#do-devices', 'devices', /^Every key/],
      ['#do-revoke', 'revoke', /is revoked/],
    ] as const) {
      if (!(await page.locator(`#step-${step}`).isVisible()) && step !== 'give') {
        await visitor.reachAndPress(`[data-step="${step}"]`, 'Space');
        // The keyboard goes on from the step's title, which is in sight.
        expect(await page.evaluate(() => document.activeElement?.parentElement?.id)).toBe(`step-${step}`);
        expect(await isInSight(`#step-${step} h2`)).toBe(true);
      }
      await visitor.reachAndPress(button);
      await visitor.until('#status', said);
      if (button === '#do-export') await visitor.until('#exported', /InvalidAccessError/);
      else expect(await isInSight('#clear-title')).toBe(true);
      expect(await visitor.isWiderThanTheWindow()).toBe(false);
      await shoot(`phone-${button.slice(1)}`);
    }
    expect(await visitor.violations()).toEqual([]);

    await visitor.reachAndPress('[data-step="decoy"]');
    await visitor.reachAndPress('#do-deal');
    await visitor.until('#verdict', /Which/);
    expect(await visitor.violations()).toEqual([]);
    await visitor.reachAndPress('#answers button');
    await visitor.until('#verdict', /of 1 so far/);
    expect(await visitor.isWiderThanTheWindow()).toBe(false);
    await shoot('phone-decoy');
  });

  test('at every step one can be somebody else', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(edge);
    await visitor.arrive();
    let isBob = false;
    for (const step of STEPS.filter((name) => name !== 'decoy')) {
      await page.click(`[data-step="${step}"]`);
      isBob = !isBob;
      await page.locator('#bar label', { hasText: isBob ? 'bob' : 'alice' }).click();
      await visitor.until('#clear', isBob ? /"balance": "17\.20 EUR"/ : /"balance": "1,284\.50 EUR"/);
    }
    // And everything is from that side then; by the keyboard too.
    await page.focus('[value="alice"]');
    await page.keyboard.press('ArrowRight');
    await visitor.until('#clear', /"17\.20 EUR"/);
    await page.click('[data-step="give"]');
    expect(await visitor.text('#do-give')).toBe('Give bob’s answer to alice');
    await page.click('#do-give');
    await visitor.until('#status', /^alice has bob’s answer: unreadable\.$/);
  });

  test('asks for anything, by any method, openly or sealed', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(edge);
    await visitor.arrive();
    await page.click('#own summary');
    await page.fill('#own-path', '/resource');
    await page.click('#do-ask');
    await visitor.until('#clear', /"aggregate"/);
    await page.selectOption('#own-method', 'POST');
    await page.fill('#own-path', '/echo');
    await page.fill('#own-body', 'hello');
    await page.check('#own-seal');
    await page.click('#do-ask');
    await visitor.until('#clear', /"body": "hello"/);
    expect(await visitor.text('#wire')).toMatch(/^POST \/\.well-known\/cale\/sealed\b/);
    await page.fill('#own-path', '/nowhere');
    await page.click('#do-ask');
    await visitor.until('#clear', /not found/);
    expect(await visitor.text('#clear')).toMatch(/^404\n/);
  });

  test('the hops light up one after the other, and at once where motion is not wanted', async () => {
    await page.goto(edge);
    await visitor.until('#hops', /GET \/balance/);
    expect(await page.locator('.hop.lit').count()).toBeLessThan(await page.locator('.hop').count());
    await page.locator('.hop:last-child.lit').waitFor();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.reload();
    await visitor.until('#hops', /GET \/balance/);
    expect(await page.locator('.hop.lit').count()).toBe(8);
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  test('of two answers one is readable, the other is the decoy, and the verdict is true', async () => {
    await page.goto(`${edge}/#decoy`);
    for (let round = 1; round <= 3; round++) {
      await page.click('#do-deal');
      await visitor.until('#verdict', /Which/);
      await visitor.unfold('#answers');
      const [first, second] = await page.locator('#answers article').allInnerTexts();
      for (const answer of [first, second]) {
        expect(answer).toContain('encryptedContent');
        expect(answer).not.toMatch(/Remember|cannot be opened/);
      }
      await page.locator('#answers button').first().click();
      await visitor.until('#verdict', new RegExp(`of ${round} so far`));
      const opened = await page.locator('#answers article').allInnerTexts();
      const decoy = opened.findIndex((text) => text.includes('cannot be opened'));
      expect(opened[1 - decoy]).toContain('"owner": "alice"');
      expect(await visitor.text('#verdict')).toContain(
        `${decoy === 0 ? 'Right' : 'Wrong'}: answer ${decoy + 1} is the decoy`,
      );
    }
    await shoot('decoy-told');
  });

  test('what the edge refuses is said, at every step', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.route('**/registration', (route) => route.fulfill({ status: 429, body: '{}' }));
    await page.goto(edge);
    await visitor.until('#status', /refused the request/);
    expect(await visitor.text('#clear')).toMatch(/^No answer\./);
    expect(await visitor.text('#wire')).toMatch(/^POST \/registration\b[\s\S]*\n429\b/);
    await shoot('refused');
    await page.click('[data-step="decoy"]');
    await page.click('#do-deal');
    await visitor.until('#verdict', /refused the request/);
    // The browser itself has a word on each answer of that kind.
    expect(visitor.faults.filter((fault) => !fault.includes('429'))).toEqual([]);
    visitor.faults.length = 0;
  });

  test('the key is there after a reload, and gone when it is forgotten', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(edge);
    await visitor.arrive();
    await page.click('[data-step="key"]');
    const guid = await visitor.text('#guid');
    expect(guid).toMatch(/^[0-9a-f-]{36}$/);
    await page.reload();
    await visitor.arrive();
    expect(await visitor.text('#guid')).toBe(guid);
    await page.click('#do-forget');
    await visitor.until('#status', /is gone/);
    expect(await visitor.text('#guid')).toBe('none yet');
    await page.reload();
    await visitor.arrive();
    expect(await visitor.text('#guid')).toMatch(/^(?!none)/);
    expect(await visitor.text('#guid')).not.toBe(guid);
  });

  test('a key that was revoked since the last visit is replaced', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(edge);
    await visitor.arrive();
    const token = { method: 'DELETE', headers: { Authorization: 'Bearer admin' } };
    await harness.server.fetch('/admin/credentials?owner=alice', token);
    await page.reload();
    await visitor.arrive();
    expect(await visitor.text('#clear')).toContain('"owner": "alice"');
  });

  test('says what is missing where the browser has no WebCrypto, as over http', async () => {
    await page.addInitScript(() => Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined }));
    await page.goto(edge);
    await visitor.until('#status', /https, and of localhost/);
  });

  test('the name of a device is shown as it is, whatever it holds', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const name = '<img src=x onerror="document.title=1"> & \u202eco';
    const device = await Device.create('P-256', name);
    expect((await register(harness, device.csr)).status).toBe(200);
    await page.goto(`${edge}/#devices`);
    await visitor.arrive();
    await page.click('#do-devices');
    await visitor.until('#clear', /this browser/);
    expect(await page.locator('#clear li b').allTextContents()).toContainEqual(expect.stringContaining('<img src'));
    expect(await page.locator('#clear img').count()).toBe(0);
  });

  test('works where the browser keeps nothing', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.addInitScript(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('denied', 'SecurityError');
      };
    });
    await page.goto(`${edge}/#key`);
    await visitor.arrive();
    await visitor.until('#kept', /kept by this page/);
  });
});
