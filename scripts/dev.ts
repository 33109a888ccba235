/** npm run dev: all Workers in one workerd, with secrets made on first use. Flags go through to wrangler. */

import './local-runs.ts';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createDevelopmentSecrets } from './development-secrets.ts';
import { ROOT, WORKERS } from './workers.ts';

/** Ending of a configuration with variables of this run. */
const COPY = '.local.toml';

const files = WORKERS.map(({ name, config }) => ({ name, path: join(dirname(config), '.dev.vars') }));
const missing = files.filter(({ path }) => !existsSync(join(ROOT, path)));

if (missing.length === files.length) {
  const secrets = await createDevelopmentSecrets();
  for (const { name, path } of files) writeFileSync(join(ROOT, path), formatVars(secrets[name]), { mode: 0o600 });
  console.log(`Made a development authority and users in ${files.map(({ path }) => path).join(', ')}`);
} else if (missing.length > 0) {
  const names = missing.map(({ path }) => path).join(', ');
  console.error(`${names} is missing, and must fit the others: remove every .dev.vars, and all are made again.`);
  process.exit(1);
}

// The last one of a name counts.
const flags = ['--var', 'DEMO:on', ...process.argv.slice(2)];
const configs = WORKERS.map(({ config }) => withVariables(config, flags));
const arguments_ = ['dev', ...configs.flatMap((config) => ['-c', config]), '--ip', '127.0.0.1', ...flags];
const wrangler = spawn('wrangler', arguments_, { cwd: ROOT, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => wrangler.kill(signal));
if (process.env['npm_lifecycle_event'] !== undefined) {
  // npm does not pass on that it was ended: without this check the Workers would go on.
  const npm = process.ppid;
  setInterval(() => process.ppid !== npm && wrangler.kill(), 1000).unref();
}
wrangler.on('close', (code) => {
  for (const config of configs) if (config.endsWith(COPY)) rmSync(join(ROOT, config), { force: true });
  process.exit(code ?? 1);
});

/**
 * wrangler gives `--var NAME:VALUE` only to the first Worker. A variable of another one is set in a copy of its
 * configuration, which lies beside it.
 * @returns the configuration to use.
 */
function withVariables(config: string, flags: readonly string[]): string {
  const original = readFileSync(join(ROOT, config), 'utf8');
  const changed = flags.reduce((text, flag) => {
    const [, name, value] = /^(?:--var=)?([A-Z_]+):(.*)$/.exec(flag) ?? [];
    return name === undefined
      ? text
      : text.replace(new RegExp(`^${name} = .*$`, 'm'), `${name} = ${JSON.stringify(value)}`);
  }, original);
  if (changed === original || config === WORKERS[0].config) return config;
  writeFileSync(join(ROOT, config.replace(/\.toml$/, COPY)), changed);
  return config.replace(/\.toml$/, COPY);
}

/** Lines of a .dev.vars file. No value holds a single quote. */
function formatVars(vars: Record<string, string>): string {
  return Object.entries(vars)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}
