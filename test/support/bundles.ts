/**
 * The bundles of all Workers, built once for a run of the tests as `wrangler deploy` builds them: a harness that has them
 * starts in a quarter of the time, and runs what is uploaded.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { TOUR } from '../../scripts/tour.ts';
import { ALL_WORKERS, ROOT, WORKERS } from '../../scripts/workers.ts';

const [EDGE] = WORKERS;

/** Holds the folder of the bundles: an environment variable, because the processes of tests inherit those. */
const VARIABLE = 'CALE_TEST_BUNDLES';

/** @param worker a name, or `tour`: the edge with that page. @returns the folder of its bundle; undefined outside of a run of the tests, where a harness builds its own. */
export function bundleOf(worker: string): string | undefined {
  const folder = process.env[VARIABLE];
  return folder === undefined ? undefined : join(folder, worker);
}

/** Several projects of vitest have this file as their set-up, each a copy of it; the bundles are built for the first. */
const shared = globalThis as { caleTestBundles?: Promise<string> };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (shared.caleTestBundles === undefined) {
    shared.caleTestBundles = mkdtemp(join(tmpdir(), 'cale-bundles-')).then(buildAll);
    project.onTestsRerun(async () => void (await buildAll(await folder)));
  }
  const folder = shared.caleTestBundles;
  process.env[VARIABLE] = await folder;
  return async () => rm(await folder, { recursive: true, force: true });
}

async function buildAll(folder: string): Promise<string> {
  await Promise.all([
    ...ALL_WORKERS.map(({ name, config }) => build(join(folder, name), '-c', config)),
    buildTour(join(folder, 'tour')),
  ]);
  return folder;
}

/** The edge with the page of the tour. */
async function buildTour(folder: string): Promise<void> {
  await promisify(execFile)('sh', ['-c', TOUR.build.command], { cwd: ROOT });
  await build(folder, TOUR.main, '-c', EDGE.config);
}

async function build(folder: string, ...which: string[]): Promise<void> {
  const wrangler = join(ROOT, 'node_modules/.bin/wrangler');
  const options = ['--dry-run', '--outdir', folder, '--metafile', join(folder, 'bundle-meta.json')];
  await promisify(execFile)(wrangler, ['deploy', ...which, ...options], { cwd: ROOT });
}
