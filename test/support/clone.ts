/** The sources in a folder of their own, as somebody has them who has cloned the repository and installed its packages. */

import { cp, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ROOT } from '../../scripts/workers.ts';

const SOURCES = ['client', 'demo', 'durable-objects', 'origin', 'scripts', 'shared', 'workers'];
const FILES = ['package.json', 'tsconfig.json', 'wrangler.toml'];
/** Of development and of local runs: a clone has none of them. */
const LEFT_OUT = new Set(['.dev.vars', '.wrangler', 'node_modules']);

/**
 * @param more folders that are copied as well.
 * @returns the folder, which is made: commands of documents find there what they name, and write nothing elsewhere.
 */
export async function createClone(folder: string, more: readonly string[] = []): Promise<string> {
  const filter = (path: string) => !LEFT_OUT.has(basename(path)) && !path.endsWith('.local.toml');
  for (const name of [...SOURCES, ...FILES, ...more])
    await cp(join(ROOT, name), join(folder, name), { recursive: true, filter });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
