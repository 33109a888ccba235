/** Secrets of local runs, in a .dev.vars file beside the configuration of each Worker: made once, and never committed. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createDevelopmentSecrets, encodeDevVars, type Secrets } from '../development-secrets.ts';
import { ALL_WORKERS, ROOT } from '../workers.ts';
import { DevError } from './options.ts';

const FILES = ALL_WORKERS.map(({ name, config }) => ({ name, path: join(dirname(config), '.dev.vars') }));

const fileOf = (worker: keyof Secrets): string => FILES.find(({ name }) => name === worker)?.path ?? '';

/**
 * @returns true when they were made now.
 * @throws {DevError} when some of the files are there, and not all.
 */
export async function ensureSecrets(): Promise<boolean> {
  completeGateway();
  const missing = FILES.filter(({ path }) => !existsSync(join(ROOT, path)));
  if (missing.length === 0) return false;
  if (missing.length < FILES.length) {
    const names = missing.map(({ path }) => path).join(', ');
    throw new DevError(`${names} is missing, and must fit the others: remove every .dev.vars, and all are made again.`);
  }
  const secrets = await createDevelopmentSecrets();
  for (const { name, path } of FILES) write(path, encodeDevVars(secrets[name]));
  return true;
}

/** The gateway has the origin's secrets. A clone from before there was a gateway keeps its authority and its accounts. */
function completeGateway(): void {
  const origin = join(ROOT, fileOf('origin'));
  if (existsSync(origin) && !existsSync(join(ROOT, fileOf('gateway')))) {
    write(fileOf('gateway'), readFileSync(origin, 'utf8'));
  }
}

const write = (path: string, text: string): void => writeFileSync(join(ROOT, path), text, { mode: 0o600 });

/** @returns a secret of a local run; undefined when there is none of the name. */
export function readSecret(worker: keyof Secrets, name: string): string | undefined {
  const text = readFileSync(join(ROOT, fileOf(worker)), 'utf8');
  return new RegExp(`^${name}='([^']*)'$`, 'm').exec(text)?.[1];
}
