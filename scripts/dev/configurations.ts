/**
 * The configurations of a run. wrangler gives `--var` to the first Worker only: variables of another one are set in a copy
 * of its configuration, which lies beside it for as long as the run takes.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TOUR } from '../tour.ts';
import { ALL_WORKERS, GATEWAY, ROOT, WORKERS } from '../workers.ts';

const [EDGE, AUTHORITY] = WORKERS;

export interface Configurations {
  /** Relative to the top; the edge's is the first. */
  readonly paths: readonly string[];
  /** Takes the copies away. */
  remove(): void;
}

/** @param hasGateway true when the gateway is the edge's origin. */
export function prepareConfigurations(vars: ReadonlyMap<string, string>, hasGateway: boolean): Configurations {
  for (const { config } of ALL_WORKERS) removeLeftCopies(dirname(join(ROOT, config)));
  const workers = hasGateway ? [EDGE, AUTHORITY, GATEWAY] : WORKERS;
  const texts = workers.map(({ config }) => ({ config, text: readFileSync(join(ROOT, config), 'utf8') }));
  const copies: string[] = [];
  const paths = texts.map(({ config, text }, index) => {
    const changed =
      index === 0 ? withTour(withOrigin(text, hasGateway), vars.get('DEMO') === 'on') : withVariables(text, vars);
    const all = config === GATEWAY.config ? withSecrets(changed, vars, texts) : changed;
    if (all === text) return config;
    const copy = config.replace(/\.toml$/, `.${process.pid}.local.toml`);
    // It may hold a secret.
    writeFileSync(join(ROOT, copy), all, { mode: 0o600 });
    copies.push(copy);
    return copy;
  });
  return {
    paths,
    remove() {
      for (const copy of copies) rmSync(join(ROOT, copy), { force: true });
    },
  };
}

const withOrigin = (text: string, hasGateway: boolean): string =>
  hasGateway ? text.replace('service = "cale-origin"', 'service = "cale-gateway"') : text;

const withTour = (text: string, isTour: boolean): string =>
  isTour
    ? `${text.replace(lineOf('main'), () => encodeLine('main', TOUR.main))}
[build]
command = ${JSON.stringify(TOUR.build.command)}
watch_dir = ${JSON.stringify(TOUR.build.watch_dir)}
`
    : text;

const lineOf = (name: string): RegExp => new RegExp(`^${name} = .*$`, 'm');
const encodeLine = (name: string, value: string): string => `${name} = ${JSON.stringify(value)}`;

const withVariables = (original: string, vars: ReadonlyMap<string, string>): string =>
  [...vars].reduce((text, [name, value]) => text.replace(lineOf(name), () => encodeLine(name, value)), original);

/** The gateway's secrets have the names that its table has for them: they are those that no Worker has a variable of. */
function withSecrets(original: string, vars: ReadonlyMap<string, string>, texts: readonly { text: string }[]): string {
  const lines = [...vars]
    .filter(([name]) => !texts.some(({ text }) => lineOf(name).test(text)))
    .map(([name, value]) => encodeLine(name, value));
  return original.replace(/^\[vars\]$/m, () => ['[vars]', ...lines].join('\n'));
}

/** Takes away copies of runs that were killed. */
function removeLeftCopies(folder: string): void {
  for (const file of readdirSync(folder)) {
    const [, pid] = /\.(\d+)\.local\.toml$/.exec(file) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(folder, file), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
