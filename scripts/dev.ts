/** npm run dev: all Workers in one workerd, with secrets made on first use. Flags go through to wrangler. */

import './local-runs.ts';
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createDevelopmentSecrets } from './development-secrets.ts';
import { ROOT, WORKERS } from './workers.ts';

const files = WORKERS.map(({ name, config }) => ({ name, path: join(dirname(config), '.dev.vars') }));
const missing = files.filter(({ path }) => !existsSync(join(ROOT, path)));

if (missing.length === files.length) {
  const secrets = await createDevelopmentSecrets();
  for (const { name, path } of files) writeFileSync(join(ROOT, path), formatVars(secrets[name]), { mode: 0o600 });
  console.log(`Made a development authority and users in ${files.map(({ path }) => path).join(', ')}`);
} else if (missing.length > 0) {
  const names = missing.map(({ path }) => path).join(', ');
  console.error(`${names} is missing, and must fit the others: remove every .dev.vars to have all made anew.`);
  process.exit(1);
}

const configs = WORKERS.flatMap(({ config }) => ['-c', config]);
const wrangler = spawn('wrangler', ['dev', ...configs, '--ip', '127.0.0.1', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => wrangler.kill(signal));
wrangler.on('close', (code) => process.exit(code ?? 1));

/** Lines of a .dev.vars file. No value holds a single quote. */
function formatVars(vars: Record<string, string>): string {
  return Object.entries(vars)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}
