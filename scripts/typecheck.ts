/** Checks the types of each Worker against its own bindings, and those of tests and scripts. */

import { spawn } from 'node:child_process';
import { ALL_WORKERS, ROOT, SINGLE } from './workers.ts';

const projects = [
  '.',
  'client',
  'client/cli',
  'demo/page',
  'examples',
  'demo/walkthrough',
  'demo/smoke-test',
  ...[...ALL_WORKERS, SINGLE].map(({ name }) => `workers/${name}`),
  'test',
  'test/client',
  'test/browser',
  'test/package',
];
const codes = await Promise.all(
  projects.map((project) => {
    const tsc = spawn('tsc', ['-p', project], { cwd: ROOT, stdio: 'inherit' });
    return new Promise<number>((resolve) => tsc.on('close', (code) => resolve(code ?? 1)));
  }),
);
process.exitCode = Math.max(...codes);
