/** Generates the types of each Worker's bindings into its folder; with --check, only tells whether they are fresh. */

import { spawn } from 'node:child_process';
import { ALL_WORKERS, ROOT, SINGLE } from './workers.ts';

const check = process.argv.includes('--check') ? ['--check'] : [];

const codes = await Promise.all(
  [...ALL_WORKERS, SINGLE].map(async ({ name, config }) => {
    const file = `workers/${name}/env.d.ts`;
    // Secrets of local runs have no say: the types are the same on every machine.
    const options = [
      '--env-file',
      '/dev/null',
      '--env-interface',
      `${name[0]?.toUpperCase()}${name.slice(1)}Env`,
      '--include-runtime=false',
      '--strict-vars=false',
    ];
    const wrangler = spawn('wrangler', ['types', file, '-c', config, ...options, ...check], { cwd: ROOT });
    const output: Buffer[] = [];
    for (const stream of [wrangler.stdout, wrangler.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
    const code = await new Promise<number>((resolve) => wrangler.on('close', (status) => resolve(status ?? 1)));
    if (code !== 0) console.error(`${file}: not as ${config} has it; run: npm run types\n${Buffer.concat(output)}`);
    return code;
  }),
);
process.exitCode = Math.max(...codes);
