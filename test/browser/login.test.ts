/** The examples of a login, in a real browser, on pages that are of another origin than the edge. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasChromium, launch } from '../support/chromium.ts';
import { type ExamplePage, serveExamplePage } from '../support/example-page.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { type Issuer, startIssuer } from '../support/openid-issuer.ts';

const EDGE = 'http://127.0.0.1:8787';
const ISSUER = 'http://127.0.0.1:9000';
const AUDIENCE = 'https://api.example.com';

describe.skipIf(!hasChromium)('in Chromium', () => {
  let served: ExamplePage;
  let issuer: Issuer;
  let harness: Harness;
  let profile: string;
  let browser: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    served = await serveExamplePage();
    issuer = await startIssuer(`${served.origin}/`, AUDIENCE);
    harness = await startHarness({
      vars: {
        edge: {
          ALLOWED_ORIGINS: served.origin,
          TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384',
          IDENTITY_METHODS: 'basic,bearer',
          BEARER_ISSUER: issuer.url,
          BEARER_AUDIENCE: AUDIENCE,
          BEARER_JWKS_URL: `${issuer.url}/jwks`,
        },
      },
    });
    profile = await mkdtemp(join(tmpdir(), 'cale-login-'));
    browser = await launch(profile);
    page = await browser.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await harness.server.close();
    await issuer.close();
    await served.close();
    await rm(profile, { recursive: true });
  });

  const open = async (name: string): Promise<void> => {
    await served.load(name, { [EDGE]: new URL(harness.url).origin, [ISSUER]: issuer.url });
    await page.goto(served.origin);
  };
  const expectOwner = async (owner: string, scopes: readonly string[]): Promise<void> => {
    await page.locator('#account').waitFor();
    expect(await page.locator('#owner').textContent()).toBe(owner);
    const answer = JSON.parse((await page.locator('#answer').textContent()) ?? '');
    expect(answer).toMatchObject({ owner, scopes });
  };

  test('a form: a wrong password is said, a good one registers the browser, which stays logged in', async () => {
    await open('login-form');
    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Password').fill('a wrong one');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('User name or password is wrong.').waitFor();
    await page.getByLabel('Password').fill('wonderland');
    await page.getByRole('button', { name: 'Log in' }).click();
    await expectOwner('alice', ['read', 'write']);
    await page.reload();
    await expectOwner('alice', ['read', 'write']);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
  });

  test('OpenID Connect: the issuer logs in, its token registers the browser, which stays logged in', async () => {
    await open('login-oidc');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${issuer.url}/**`);
    await page.getByPlaceholder('Enter any login').fill('carol');
    await page.getByPlaceholder('and password').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    // Consent to what the page asked for.
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${served.origin}/**`);
    await expectOwner('carol', ['read', 'write']);
    expect(page.url()).toBe(`${served.origin}/`);
    expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).toBe('[{},{}]');
    await page.reload();
    await expectOwner('carol', ['read', 'write']);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
  });

  test('OpenID Connect: a login that this page did not ask for registers nothing', async () => {
    await open('login-oidc');
    await page.goto(`${served.origin}/?code=stolen&state=other&iss=${encodeURIComponent(issuer.url)}`);
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await page.evaluate(() =>
      sessionStorage.setItem('pending-login', JSON.stringify({ verifier: 'v', state: 'mine' })),
    );
    await page.reload();
    await page.getByRole('alert').filter({ hasText: 'state' }).waitFor();
    expect(await page.locator('#account').isVisible()).toBe(false);
  });

  test('OpenID Connect: who refuses at the issuer is told so', async () => {
    await open('login-oidc');
    await page.evaluate(() =>
      sessionStorage.setItem('pending-login', JSON.stringify({ verifier: 'v', state: 'mine' })),
    );
    await page.goto(`${served.origin}/?error=access_denied&state=mine&iss=${encodeURIComponent(issuer.url)}`);
    await page
      .getByRole('alert')
      .filter({ hasText: /authorization response/i })
      .waitFor();
    expect(await page.getByRole('button', { name: 'Log in' }).isVisible()).toBe(true);
  });
});
