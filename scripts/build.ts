/** npm run build: the client as it is published, in dist/: plain ES modules, their types, and the command. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

// Uint8Array has a type parameter only since TypeScript 5.7, and older compilers are to read the types as well.
const types = join(ROOT, 'dist/types');
for (const file of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.d.ts')) continue;
  const declarations = readFileSync(join(types, file), 'utf8');
  writeFileSync(join(types, file), declarations.replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array'));
}
