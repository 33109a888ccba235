/** The demo's page in front of an API that has none of the demo's routes. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../scripts/development-secrets.ts';
import { hasChromium } from '../support/chromium.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { Visitor } from '../support/visitor.ts';

const ORIGIN = 'own-api';

describe.skipIf(!hasChromium)('the page', () => {
  let harness: Harness;
  let visitor: Visitor;

  beforeAll(async () => {
    const secrets = await createDevelopmentSecrets();
    harness = await startHarness({
      secrets,
      vars: { edge: { DEMO: 'on', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } },
      edgeBindings: { ORIGIN },
      more: [
        {
          name: ORIGIN,
          main: 'test/support/plain-origin.ts',
          compatibility_date: '2026-11-02',
          compatibility_flags: ['nodejs_compat'],
          vars: secrets.origin,
        },
      ],
    });
    visitor = await Visitor.enter(new URL(harness.url).origin);
  });
  afterAll(async () => {
    await visitor.leave();
    await harness.server.close();
    expect(visitor.faults).toEqual([]);
  });

  test('shows what that API answers, and of the tour what it can do with it', async () => {
    const { page } = visitor;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(harness.url.href);
    await visitor.until('#clear', /"hello": "alice"/);
    await visitor.arrive();
    expect(await visitor.text('#wire')).toMatch(/^GET \/ [\s\S]*\n200\b/);
    expect(await page.locator('nav button:visible').allInnerTexts()).toEqual(
      ['Read, done', 'Give away', 'Key', 'Devices', 'Revoke'].map((name) =>
        expect.stringContaining(name.replace(', done', '')),
      ),
    );
    expect(await visitor.violations()).toEqual([]);
    await page.fill('#own-path', '/things?of=mine');
    await page.click('#do-ask');
    await visitor.until('#clear', /"things": "\?of=mine"/);
    expect(await visitor.text('#wire')).toMatch(/^GET \/things\?of=mine\b/);
    await page.click('#try-give');
    await visitor.until('#status', /^bob has alice’s answer: unreadable\.$/);
    await page.click('#next');
    await page.click('#do-whoami');
    await visitor.until('#clear', /Owner\s*alice/);
    await page.click('#next');
    await page.click('#do-devices');
    await visitor.until('#status', /^Every key that was registered for alice/);
    await page.click('#next');
    await page.click('#do-revoke');
    await visitor.until('#status', /is revoked/);
  });
});
