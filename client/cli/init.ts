/** `cale init`: a project of four Workers, written from the folder `template` of the package. */

import { cp, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isThere } from './input.ts';
import { UsageError } from './usage-error.ts';

const TEMPLATE = fileURLToPath(new URL('../../template', import.meta.url));
/** The name that stands in the template for the project's. */
const PLACEHOLDER = 'cale';
/** wrangler takes no older Node. */
const LEAST_NODE = [22, 12];

export interface InitOptions {
  readonly package?: string;
}

/** @throws {UsageError} when the folder has something in it, or cannot be written. Nothing is changed then. */
export async function init(directory: string, options: InitOptions): Promise<void> {
  const folder = resolve(directory);
  await assertEmpty(folder, directory);
  const name = nameOf(folder);
  try {
    await makeFolder(folder);
    await cp(TEMPLATE, folder, { recursive: true });
    // npm leaves files of this name out of packages.
    await rename(join(folder, 'gitignore'), join(folder, '.gitignore'));
    await writePackage(folder, name, options.package);
    for (const worker of await readdir(join(folder, 'workers'), { withFileTypes: true })) {
      if (worker.isDirectory()) await nameWorker(join(folder, 'workers', worker.name, 'wrangler.toml'), name);
    }
  } catch (cause) {
    throw new UsageError(
      `${directory} cannot be written: ${cause instanceof Error ? cause.message : 'unknown reason'}`,
    );
  }
  console.log(nextSteps(relative(process.cwd(), folder)));
}

async function assertEmpty(folder: string, asked: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) throw new UsageError(`${asked} is not a folder.`);
  if ((await readdir(folder)).length > 0)
    throw new UsageError(`${asked} is not empty: name a folder that is new or empty.`);
}

/** One after the other: in /proc, Node's own recursion never ends. */
async function makeFolder(folder: string): Promise<void> {
  if (await isThere(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder);
}

/** @returns the folder's name as npm and Cloudflare take one; Workers are called after it. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? PLACEHOLDER : name;
}

interface Manifest {
  name: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

async function writePackage(folder: string, name: string, spec: string | undefined): Promise<void> {
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  manifest.name = name;
  if (spec !== undefined) manifest.dependencies['cale-workers'] = await specOf(spec, folder);
  // A Node of the project's own is for those whose Node is too old.
  if (isNodeNewEnough()) {
    delete manifest.devDependencies['node'];
    delete manifest.allowScripts['node'];
  }
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @returns a path as npm finds it from the project; any other spec as it is. */
async function specOf(spec: string, folder: string): Promise<string> {
  const isPath = await isThere(resolve(spec));
  return isPath ? `file:${relative(folder, resolve(spec)).replaceAll(sep, '/')}` : spec;
}

function isNodeNewEnough(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_NODE;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** The Worker's own name, and those that it is bound to. */
async function nameWorker(file: string, name: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(new RegExp(`^(name|service) = "${PLACEHOLDER}-`, 'gm'), `$1 = "${name}-`));
}

const nextSteps = (folder: string): string =>
  `A project of four Workers is in ${folder === '' ? 'this folder' : folder}. Your API is workers/origin/index.ts.

${folder === '' ? '' : `  cd ${/\s/.test(folder) ? JSON.stringify(folder) : folder}\n`}  npm install
  npm run dev

README.md says how to read it, change it and deploy it.`;
