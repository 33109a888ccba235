/** The folder secrets/: keys and certificates in files that are never overwritten, and the state of all of them. */

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { organizationsOf } from '../certificates.ts';
import { ROOT } from '../workers.ts';
import { CaError } from './error.ts';
import { type Kind, parseState, type State } from './state.ts';

/** Another one for each deployment beside production. */
const FOLDER = resolve(ROOT, process.env['CALE_SECRETS'] ?? 'secrets');
const STATE = 'state.json';

/** Names of the keys of a folder from before there was a root. */
const BEFORE = { authority: 'issuing', 'origin-signing': 'signing', 'origin-encryption': 'encryption' } as const;

export const isThere = (file: string): boolean => existsSync(join(FOLDER, file));

/** @throws {CaError} when there is no such file. */
export function read(file: string): string {
  if (!isThere(file)) throw new CaError(`secrets/${file} is not there: bring it back for this step.`);
  return readFileSync(join(FOLDER, file), 'utf8');
}

/** Writes files that are new. @throws {CaError} when one is there already; then none is written. */
export function writeNew(files: Readonly<Record<string, string>>): void {
  const there = Object.keys(files).filter(isThere);
  if (there.length > 0) throw new CaError(`secrets/${there.join(', secrets/')} is there already. Move it away first.`);
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(FOLDER, file), text, { mode: file.endsWith('.pem') ? 0o644 : 0o600, flag: 'wx' });
  }
}

/** Writes a file in place of an older one of the name, which a crash cannot leave half written. */
export function replace(file: string, text: string): void {
  mkdirSync(join(FOLDER, file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(join(FOLDER, `${file}.tmp`), text, { mode: 0o600 });
  renameSync(join(FOLDER, `${file}.tmp`), join(FOLDER, file));
}

export const saveState = (state: State): void => replace(STATE, `${JSON.stringify(state, null, 2)}\n`);

/** @throws {CaError} when there is no authority in the folder, or its state cannot be told. */
export function loadState(): State {
  if (isThere(STATE)) return parseState(read(STATE));
  if (isThere('authority.key')) return stateOfBefore();
  throw new CaError('There is no authority in secrets/ yet: npm run ca -- init makes one.');
}

/** True when there is an authority, or a part of one. */
export const hasState = (): boolean => isThere(STATE) || isThere('authority.key');

/** @returns the first name of the kind that no file has: names are never used twice. */
export function newName(kind: Kind): string {
  const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const numbers = files.map((file) => Number(new RegExp(`^${kind}-(\\d+)\\.`).exec(file)?.[1] ?? 0));
  return `${kind}-${Math.max(0, ...numbers) + 1}`;
}

/** The state of a folder that was made before there was a root: one authority, which is its own root. */
function stateOfBefore(): State {
  const others = readdirSync(FOLDER).filter((file) => /^(authority|origin)-.*\.key$/.test(file));
  const unknown = others.filter((file) => !(file.slice(0, -'.key'.length) in BEFORE));
  if (unknown.length > 0) {
    const names = `secrets/${unknown.join(', secrets/')}`;
    throw new CaError(
      `${names}: it cannot be told whether it is in use. If it is, rename it with its .pem to authority, origin-signing or origin-encryption; move away the others.`,
    );
  }
  const names = Object.entries(BEFORE).filter(([name]) => isThere(`${name}.key`));
  const keys = names.map(([name, kind]) => {
    read(`${name}.pem`);
    return { name, kind, state: 'used' as const, certificates: { authority: `${name}.pem` } };
  });
  return { organization: organizationsOf(read('authority.pem'))[0] ?? 'example.com', keys };
}
