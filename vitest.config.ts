import './scripts/local-runs.ts';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { createDevelopmentSecrets } from './scripts/development-secrets.ts';
import { CHROMIUM, CHROMIUM_FLAGS, hasChromium } from './test/browser/chromium.ts';

const LIMIT_MS = 60_000;

/** The Worker whose bindings the tests in workerd have. */
const authority = () =>
  cloudflareTest(async () => ({
    wrangler: { configPath: './workers/authority/wrangler.toml' },
    miniflare: { bindings: (await createDevelopmentSecrets()).authority },
  }));

/** The SDK's own tests, which are the same in every runtime. */
const sdk = { include: ['test/client/sdk/*.test.ts'], globalSetup: 'test/client/sdk/setup.ts', testTimeout: LIMIT_MS };

const sdkInChromium: TestProjectConfiguration = {
  test: {
    ...sdk,
    name: 'sdk-chromium',
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: CHROMIUM, args: CHROMIUM_FLAGS } }),
      instances: [{ browser: 'chromium' }],
    },
  },
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/client/*.test.ts', 'test/flow/**/*.test.ts', 'test/interop/**/*.test.ts'],
          testTimeout: LIMIT_MS,
        },
      },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: LIMIT_MS } },
      { test: { ...sdk, name: 'sdk-node' } },
      { plugins: [authority()], test: { ...sdk, name: 'sdk-workerd' } },
      ...(hasChromium ? [sdkInChromium] : []),
      {
        plugins: [authority()],
        test: { name: 'workerd', include: ['test/unit/**/*.test.ts', 'test/authority/**/*.test.ts'] },
      },
    ],
  },
});
