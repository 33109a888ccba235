/** The package as it is published, packed once for a run of the tests. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { ROOT } from '../../scripts/workers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the tarball. */
    tarball: string;
  }
}

export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'cale-tarball-'));
  const pack = ['pack', '--silent', '--pack-destination', folder];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd: ROOT });
  provide('tarball', join(folder, stdout.trim().split('\n').at(-1) ?? ''));
  return () => rm(folder, { recursive: true });
}
