/** npm run build: the client as it is published, in dist/: plain ES modules, their types, and the command. */

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { ROOT } from './workers.ts';

const COMMON: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  sourcemap: true,
};

rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
await build({ ...COMMON, entryPoints: ['client/index.ts'], outdir: 'dist/client', platform: 'browser' });
await build({ ...COMMON, entryPoints: ['client/node.ts'], outdir: 'dist/node', platform: 'node' });
await build({
  ...COMMON,
  entryPoints: ['client/cli/main.ts'],
  outdir: 'dist/cli',
  platform: 'node',
  // Some of what is bundled is CommonJS, and asks for require.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
execFileSync('tsc', ['-p', 'client/tsconfig.types.json'], { cwd: ROOT, stdio: 'inherit' });
