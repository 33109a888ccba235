/** Building a Worker as wrangler uploads it. */

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DeployError } from './error.ts';
import type { Platform } from './platform.ts';

export interface Built {
  /** Of the code, in bytes. */
  readonly size: number;
  readonly gzipped: number;
  /** SHA-256 of the code. */
  readonly digest: Buffer;
}

/** @param config path of a configuration. @throws {DeployError} with what wrangler says. */
export async function buildWorker(platform: Platform, name: string, config: string): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'cale-build-'));
  try {
    const { code, stderr } = await platform.wrangler(['deploy', '--dry-run', '--outdir', folder, '-c', config]);
    if (code !== 0) throw new DeployError(`${name} cannot be built:\n${stderr.trim()}`);
    const files = (await readdir(folder)).filter((file) => !/\.map$|^README\.md$/.test(file)).sort();
    const contents = await Promise.all(files.map((file) => readFile(join(folder, file))));
    const hash = createHash('sha256');
    for (const content of contents) hash.update(content);
    const all = Buffer.concat(contents);
    return { size: all.length, gzipped: gzipSync(all).length, digest: hash.digest() };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Characters of a tag that Cloudflare keeps with a version. */
const TAG_LENGTH = 25;

/**
 * @returns a tag that is the same for the same code, settings and secrets. Of the secrets it tells nothing: there are 256
 *   random bits among those of each Worker.
 */
export function tagOf({ digest }: Built, config: object, secrets: Readonly<Record<string, string>>): string {
  const hash = createHash('sha256').update(digest);
  hash.update(JSON.stringify([config, Object.entries(secrets).sort()]));
  return hash.digest('hex').slice(0, TAG_LENGTH);
}
