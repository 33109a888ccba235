/** Projects of others, which have the package from its tarball. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/workers.ts';

/** The addresses that the examples have. */
const EDGE = 'http://127.0.0.1:8787';
const ORIGIN_PORT = '5005';

/** A program of this repository's own dependencies. */
export const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name);

/** A dependency that a project has from this repository, in place of a download of the same version. */
export const linked = (name: string): string => `file:${join(ROOT, 'node_modules', name)}`;

/** The Node of this repository first, as npm scripts have it, and without what npm has told its script. */
function environment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;
  const all: NodeJS.ProcessEnv = { ...process.env, PATH: path, ...env };
  for (const name of Object.keys(all)) if (name.startsWith('npm_')) delete all[name];
  return all;
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that has ended, well or not. */
export interface Ended extends Ran {
  readonly code: number;
}

export async function tryRun(
  cwd: string,
  [command = '', ...args]: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Ended> {
  try {
    return { code: 0, ...(await promisify(execFile)(command, args, { cwd, env: environment(env) })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown } & Ran;
    if (typeof code !== 'number') throw error;
    return { code, stdout, stderr };
  }
}

/** @throws when it ends with another code than 0, with what it has printed. */
export async function run(
  cwd: string,
  [command = '', ...args]: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Ran> {
  try {
    return await promisify(execFile)(command, args, { cwd, env: environment(env) });
  } catch (error) {
    const { stdout, stderr } = error as Partial<Ran>;
    throw new Error(`${[command, ...args].join(' ')} failed:\n${stdout}\n${stderr}`);
  }
}

/** @param dependencies by their names, each as npm takes it. */
export async function createProject(folder: string, dependencies: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(folder, { recursive: true });
  const manifest = { name: 'project', private: true, type: 'module', dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await run(folder, ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund']);
  return folder;
}

/** Copies an example into a project as it is, but for the addresses. */
export async function copyExample(
  name: string,
  folder: string,
  { edge = EDGE, port = ORIGIN_PORT }: { readonly edge?: string; readonly port?: string | number },
): Promise<void> {
  const from = join(ROOT, 'examples', name);
  await cp(from, folder, { recursive: true });
  for (const file of await readdir(from)) {
    const text = await readFile(join(folder, file), 'utf8');
    await writeFile(join(folder, file), text.replaceAll(EDGE, edge).replaceAll(ORIGIN_PORT, String(port)));
  }
}

/** Copies an example that is a project by itself, with others of its dependencies, and installs these. @returns `folder`. */
export async function copyProject(
  name: string,
  folder: string,
  dependencies: Readonly<Record<string, string>>,
): Promise<string> {
  await copyExample(name, folder, {});
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, Record<string, string> | undefined>;
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[kind] ?? {})) {
      manifest[kind] = { ...manifest[kind], [name]: dependencies[name] ?? manifest[kind]?.[name] ?? '' };
    }
  }
  await writeFile(file, JSON.stringify(manifest));
  await run(folder, ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund']);
  return folder;
}

const MOST_TRIES = 600;
const BETWEEN_TRIES_MS = 200;

export interface Service {
  /** All that it has printed. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts a program that goes on.
 * @param ready the URL that answers, in any way, when it does.
 * @throws when it ends before, or never answers, with what it has printed.
 */
export async function startService(
  cwd: string,
  [command = '', ...args]: readonly string[],
  ready: string,
  env?: Readonly<Record<string, string>>,
): Promise<Service> {
  const child = spawn(command, args, { cwd, env: environment(env), detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const service = { output: () => output, stop: () => stop(child) };
  for (let tries = 0; tries < MOST_TRIES && child.exitCode === null; tries++) {
    if (await isAnswering(ready)) return service;
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
  }
  await stop(child);
  throw new Error(`${command} does not answer at ${ready}:\n${output}`);
}

const isAnswering = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

/** With all that it has started. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGTERM');
  await ended;
}
