import './scripts/local-runs.ts';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { createDevelopmentSecrets } from './scripts/development-secrets.ts';
import { CHROMIUM, CHROMIUM_FLAGS, hasChromium } from './test/support/chromium.ts';
import { missingPrograms, SYSTEM_BROWSERS, type SystemBrowser, systemBrowser } from './test/support/system-browser.ts';

// Otherwise wrangler tells of settings and secrets that tests set in another way.
process.env['WRANGLER_LOG'] = 'error';

const LIMITS = { testTimeout: 180_000, hookTimeout: 180_000 };
const BUNDLES = 'test/support/bundles.ts';
const DEV_VARS = 'test/support/dev-vars.ts';
const SCRATCH = 'test/support/scratch.ts';
const CLIENT = 'test/support/client-setup.ts';
const TARBALL = 'test/support/tarball.ts';

/** Tests in workerd, which have the bindings of the authority. */
const inWorkerd = () =>
  cloudflareTest(async () => ({
    // workerd tells of each connection that breaks, and tests break some on purpose.
    verbose: false,
    wrangler: { configPath: './workers/authority/wrangler.toml' },
    // Credentials end before the certificate of the authority, which lasts as long as they do by default.
    miniflare: { bindings: { ...(await createDevelopmentSecrets()).authority, CREDENTIAL_LIFETIME_DAYS: '30' } },
  }));

/** Tests in Node, of a folder, against Workers in a harness. */
const inNode = (folder: string, ...globalSetup: string[]): TestProjectConfiguration => ({
  test: {
    name: folder,
    include: [`test/${folder}/**/*.test.ts`],
    globalSetup: [BUNDLES, ...globalSetup],
    ...LIMITS,
    isolate: false,
    // Node warns of its WebCrypto's ChaCha20-Poly1305.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  },
});

/** The tests of the client that are the same in every runtime. */
const client = { include: ['test/client/sdk/*.test.ts'], globalSetup: [BUNDLES, CLIENT], ...LIMITS };

const clientInChromium: TestProjectConfiguration = {
  test: {
    ...client,
    name: 'client-chromium',
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_FLAGS } }),
      instances: [{ browser: 'chromium' }],
    },
  },
};

const clientIn = (browser: SystemBrowser): TestProjectConfiguration => ({
  test: {
    ...client,
    name: `client-${browser.name}`,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: systemBrowser(browser),
      instances: [{ browser: browser.name as never }],
    },
  },
});

export default defineConfig({
  test: {
    // Half of the time a test waits: for openssl, for a browser, for a Worker that starts.
    maxWorkers: '100%',
    silent: 'passed-only',
    globalSetup: 'test/support/notices.ts',
    projects: [
      {
        plugins: [inWorkerd()],
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, ...LIMITS },
      },
      {
        plugins: [inWorkerd()],
        test: { name: 'workers', include: ['test/workers/**/*.test.ts'], isolate: false, ...LIMITS },
      },
      ...['faults', 'browser'].map((folder) => inNode(folder)),
      inNode('protocol', DEV_VARS),
      inNode('package', TARBALL),
      inNode('interop', SCRATCH),
      inNode('client', CLIENT),
      { plugins: [inWorkerd()], test: { ...client, name: 'client-workerd', isolate: false } },
      ...(hasChromium ? [clientInChromium] : []),
      ...SYSTEM_BROWSERS.filter((browser) => missingPrograms(browser).length === 0).map(clientIn),
    ],
  },
});
