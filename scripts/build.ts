/** npm run build: the package as it is published, in dist/: plain ES modules, their types, and the command. */

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { noticesOf } from './package-notices.ts';
import { finishTypes } from './package-types.ts';
import { ROOT } from './workers.ts';

const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
  metafile: true,
};
/** Frameworks and platforms that programs bring themselves. */
const EXTERNAL = ['hono', 'hono/*', 'cloudflare:*', 'node:*'];

rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
const results = [
  await build({ ...COMMON, entryPoints: ['client/index.ts'], outdir: 'dist/client', platform: 'browser' }),
  await build({ ...COMMON, entryPoints: ['client/node.ts'], outdir: 'dist/node', platform: 'node' }),
  // Together, so that they have one ConfigError and one of everything else.
  await build({
    ...COMMON,
    entryPoints: {
      edge: 'workers/edge/exports.ts',
      openapi: 'workers/authority/open-api.ts',
      authority: 'workers/authority/exports.ts',
      origin: 'origin/index.ts',
      hono: 'origin/hono.ts',
      express: 'origin/express.ts',
    },
    outdir: 'dist/server',
    loader: { '.txt': 'text' },
    platform: 'neutral',
    external: EXTERNAL,
    alias: { '@noble/ciphers/chacha.js': join(ROOT, 'shared/crypto/no-library.ts') },
  }),
  await build({
    ...COMMON,
    entryPoints: ['client/cli/main.ts'],
    outdir: 'dist/cli',
    platform: 'node',
    minifySyntax: true,
    minifyWhitespace: true,
    // Some of what is bundled is CommonJS, and asks for require.
    banner: {
      js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
    },
  }),
];
for (const party of ['client', 'workers']) {
  execFileSync('tsc', ['-p', `${party}/tsconfig.types.json`], { cwd: ROOT, stdio: 'inherit' });
}
finishTypes(join(ROOT, 'dist/types'), typesOfEntries());
writeFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), noticesOf(results.map(({ metafile }) => metafile)));

/** The declarations that package.json names, relative to dist/types. */
function typesOfEntries(): string[] {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, { types?: string }>;
  };
  return Object.values(exports).flatMap(({ types }) => types?.replace('./dist/types/', '') ?? []);
}
