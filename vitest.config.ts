import './scripts/local-runs.ts';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { createDevelopmentSecrets } from './scripts/development-secrets.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: [
            'test/client/**/*.test.ts',
            'test/browser/**/*.test.ts',
            'test/flow/**/*.test.ts',
            'test/interop/**/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './workers/authority/wrangler.toml' },
            miniflare: { bindings: (await createDevelopmentSecrets()).authority },
          })),
        ],
        test: { name: 'workerd', include: ['test/unit/**/*.test.ts', 'test/authority/**/*.test.ts'] },
      },
    ],
  },
});
