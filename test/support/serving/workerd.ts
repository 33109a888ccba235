/** Serving Workers with workerd itself, because the development server costs more than they do. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/workers.ts';
import { freePort } from '../free-port.ts';
import { type Bundle, bundleOf } from './bundle.ts';
import { type ExternalService, encodeConfiguration, type PlacedWorker, type ServedWorker } from './configuration.ts';

export interface Served {
  readonly url: URL;
  /** Size of the first Worker's bundle in bytes. */
  readonly bundleLength: number;
  /** Microseconds of CPU that workerd has taken so far, all its threads together. */
  readonly cpuTime: () => Promise<number>;
  /** The same of its main thread only, which runs the Workers. */
  readonly mainCpuTime: () => Promise<number>;
  /** Bytes of memory that workerd has in RAM. */
  readonly memory: () => Promise<number>;
  /** The most of them while `run` runs. */
  readonly peakMemory: (run: () => Promise<unknown>) => Promise<number>;
  /** Ends workerd, and starts it again with what it has stored. */
  readonly restart: () => Promise<void>;
  /** Ends workerd at once, whatever it is doing. `restart` starts it again. */
  readonly kill: () => Promise<void>;
  /** Runs the `scheduled` of the Worker that was named for it. @returns its outcome: `ok` or `exception`. */
  readonly runScheduled: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/**
 * Serves the Workers in one workerd; the first is the one that is reachable.
 * @param externals servers that bindings can lead to as well.
 * @param scheduled name of the Worker that {@link Served.runScheduled} calls.
 * @throws {Error} when a Worker cannot be built, or workerd does not come up.
 */
export async function serve(
  workers: readonly ServedWorker[],
  externals: readonly ExternalService[] = [],
  scheduled?: string,
): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'cale-bench-'));
  const bundles = await Promise.all(workers.map(({ config }) => bundleOf(config)));
  const placed = await Promise.all(workers.map((worker, at) => place(worker, bundles[at] ?? [], folder)));
  const port = await freePort();
  const cron = scheduled === undefined ? undefined : { port: await freePort(), worker: scheduled };
  await writeFile(join(folder, 'config.capnp'), encodeConfiguration({ workers: placed, port, externals, cron }));
  const url = new URL(`http://127.0.0.1:${port}`);
  let workerd = await start(folder, url);
  return {
    url,
    bundleLength: bundles[0]?.[0]?.content.length ?? 0,
    cpuTime: () => cpuTimeOf(workerd),
    mainCpuTime: () => mainCpuTimeOf(workerd),
    memory: () => memoryOf(workerd, 'VmRSS'),
    async peakMemory(run) {
      // Sets the peak to what is in memory now: proc(5).
      await writeFile(`/proc/${workerd.pid}/clear_refs`, '5');
      await run();
      return memoryOf(workerd, 'VmHWM');
    },
    async restart() {
      await stop(workerd);
      workerd = await start(folder, url);
    },
    kill: () => stop(workerd, 'SIGKILL'),
    async runScheduled() {
      if (cron === undefined) throw new TypeError('no Worker was named that has a scheduled handler');
      return (await fetch(`http://127.0.0.1:${cron.port}`)).text();
    },
    async close() {
      await stop(workerd);
      await rm(folder, { recursive: true });
    },
  };
}

/** @throws {Error} when workerd does not come up. */
async function start(folder: string, url: URL): Promise<ChildProcess> {
  // What the Workers log goes nowhere: to read it here would take time while an answer is waited for.
  const workerd = spawn(join(ROOT, 'node_modules/.bin/workerd'), ['serve', 'config.capnp', '--experimental'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = () => void workerd.kill();
  process.once('exit', end);
  workerd.once('close', () => process.off('exit', end));
  let log = '';
  workerd.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  await untilUp(url, workerd, () => log);
  return workerd;
}

async function stop(workerd: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (workerd.exitCode !== null || workerd.signalCode !== null) return;
  const closed = new Promise((resolve) => workerd.once('close', resolve));
  workerd.kill(signal);
  await closed;
}

/** Writes a bundle to where workerd finds it. */
async function place(worker: ServedWorker, bundle: Bundle, folder: string): Promise<PlacedWorker> {
  const modules = bundle.map(async ({ name, content }, at) => {
    const file = `${worker.name}-${name}`;
    await writeFile(join(folder, file), content);
    return `(name = "${name}", ${at === 0 ? 'esModule' : 'text'} = embed "${file}")`;
  });
  return { ...worker, modules: await Promise.all(modules) };
}

async function cpuTimeOf({ pid }: ChildProcess): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(threads.map((thread) => threadTimeOf(`/proc/${pid}/task/${thread}`)));
  return times.reduce((sum, time) => sum + time, 0);
}

const mainCpuTimeOf = ({ pid }: ChildProcess): Promise<number> => threadTimeOf(`/proc/${pid}/task/${pid}`);

async function memoryOf({ pid }: ChildProcess, name: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  return Number(kilobytes) * 1024;
}

/** Linux counts, for each thread, the nanoseconds that it ran. */
async function threadTimeOf(folder: string): Promise<number> {
  const [nanoseconds] = (await readFile(`${folder}/schedstat`, 'utf8')).split(' ');
  return Number(nanoseconds) / 1000;
}

async function untilUp(url: URL, workerd: ChildProcess, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (workerd.exitCode !== null) break;
    const isUp = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  workerd.kill();
  throw new Error(`workerd did not come up:\n${log()}`);
}
