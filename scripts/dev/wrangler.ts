/** wrangler, as a child that says no more than a person wants to know. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { ROOT } from '../workers.ts';
import { OutputFilter } from './output.ts';

/** How long it may take to end what it started, in milliseconds. */
const PATIENCE_MS = 5000;

export interface Wrangler {
  /** Resolves when it says that it listens. It says so as well when a Worker then does not start. */
  readonly listening: Promise<void>;
  /** Resolves with its exit code. */
  readonly ended: Promise<number>;
  /** True when something was shown of it. */
  hasSpoken(): boolean;
  /** From now on, what the Workers print is shown and not their errors only. */
  showAll(): void;
  end(): void;
}

/** @param isVerbose true to show all, as it is, and to take keys. */
export function startWrangler(args: readonly string[], isVerbose: boolean): Wrangler {
  const output = isVerbose ? 'inherit' : 'pipe';
  const child = spawn('wrangler', ['dev', ...args], {
    cwd: ROOT,
    stdio: [output === 'pipe' ? 'ignore' : 'inherit', output, output, 'ipc'],
    // A group of its own gets no Ctrl-C of the terminal beside the signal that ends it, and can be killed as a whole.
    detached: !isVerbose,
  });
  const { stdout, stderr } = child;
  const shown = [showFiltered(stdout, process.stdout), showFiltered(stderr, process.stderr)];
  const setPhase = (phase: OutputFilter['phase']) => {
    for (const filter of shown) filter.phase = phase;
  };
  return {
    listening: new Promise((resolve) =>
      child.on('message', (message) => String(message).includes('DEV_SERVER_READY') && resolve()),
    ),
    ended: new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1))),
    hasSpoken: () => isVerbose || shown.some(({ hasSpoken }) => hasSpoken),
    showAll: () => setPhase('running'),
    end() {
      setPhase('ending');
      child.kill('SIGTERM');
      const kill = () => (isVerbose ? child.kill('SIGKILL') : process.kill(-(child.pid ?? 0), 'SIGKILL'));
      setTimeout(kill, PATIENCE_MS).unref();
    },
  };
}

function showFiltered(from: Readable | null, to: NodeJS.WriteStream): OutputFilter {
  const filter = new OutputFilter();
  if (from !== null) {
    createInterface({ input: from }).on('line', (raw) => {
      const line = filter.line(raw);
      if (line !== undefined) to.write(`${line}\n`);
    });
  }
  return filter;
}
