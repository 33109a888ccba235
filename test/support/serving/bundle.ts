/** Building Workers as they are deployed. */

import '../../../scripts/local-runs.ts';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ALL_WORKERS, ROOT } from '../../../scripts/workers.ts';
import { bundleOf as builtFolderOf } from '../bundles.ts';

/** A module of a bundle, under the name by which the others import it. */
export interface Module {
  readonly name: string;
  readonly content: Buffer;
}

/** The script first, and the texts that it imports. */
export type Bundle = readonly Module[];

/** Bundles by the configuration that they were built from, so that each is built once. */
const bundles = new Map<string, Promise<Bundle>>();

/**
 * @param config configuration of wrangler, relative to the top.
 * @throws {Error} when the Worker cannot be built.
 */
export function bundleOf(config: string): Promise<Bundle> {
  const bundle = bundles.get(config) ?? build(config);
  bundles.set(config, bundle);
  return bundle;
}

async function build(config: string): Promise<Bundle> {
  const worker = ALL_WORKERS.find((each) => each.config === config);
  const built = worker && builtFolderOf(worker.name);
  if (built !== undefined) return read(built);
  const folder = await mkdtemp(join(tmpdir(), 'cale-bundle-'));
  try {
    const wrangler = join(ROOT, 'node_modules/.bin/wrangler');
    await promisify(execFile)(wrangler, ['deploy', '--dry-run', '--outdir', folder, '-c', config], { cwd: ROOT });
    return await read(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @throws {Error} when there is no script. */
async function read(folder: string): Promise<Bundle> {
  const files = await readdir(folder);
  const names = ['.js', '.html', '.txt'].flatMap((ending) => files.filter((file) => file.endsWith(ending)));
  if (!names[0]?.endsWith('.js')) throw new Error(`${folder} has no script`);
  return Promise.all(names.map(async (name) => ({ name, content: await readFile(join(folder, name)) })));
}
