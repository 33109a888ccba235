/** `npm run dev` in a process of its own, with storage of its own, as a person starts it. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/workers.ts';
import { freePort } from './free-port.ts';
import type { Edge } from './harness.ts';

export interface DevServer extends Edge {
  /** All that it has printed so far. */
  output(): string;
  /** Sends the signal. @returns the exit code, when it has ended. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Starts it, and waits until it listens. @throws {Error} with what it printed, when it ends before. */
export async function startDev(args: readonly string[]): Promise<DevServer> {
  const port = await freePort();
  const run = await spawnDev([...args, '--port', String(port)]);
  const url = new URL(`http://127.0.0.1:${port}`);
  await Promise.race([run.hasPrinted(`CALE runs on ${url.origin}`), run.ended]);
  if (!run.output().includes('CALE runs on')) throw new Error(`it did not start:\n${run.output()}`);
  const fetchEdge = (path: string, init?: RequestInit) => fetch(url.origin + path, { redirect: 'manual', ...init });
  return { url, server: { fetch: fetchEdge as unknown as Edge['server']['fetch'] }, output: run.output, end: run.end };
}

/** Runs it to its end. */
export async function runDev(args: readonly string[]): Promise<Ended> {
  const run = await spawnDev(args);
  const code = await run.ended;
  return { code, output: run.output() };
}

async function spawnDev(args: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'cale-dev-'));
  const child = spawn(
    process.execPath,
    ['scripts/dev.ts', '--persist-to', join(folder, 'state'), '--inspector-port', String(await freePort()), ...args],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`,
        WRANGLER_REGISTRY_PATH: join(folder, 'registry'),
        WRANGLER_LOG: 'log',
      },
    },
  );
  let printed = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve)).finally(() =>
    rm(folder, { recursive: true, force: true }),
  );
  return {
    ended,
    output: () => printed,
    hasPrinted: (text: string) =>
      new Promise<void>((resolve) => listeners.add(() => printed.includes(text) && resolve())),
    end(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}
