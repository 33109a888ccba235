/** Building Workers as they are deployed, and serving them with workerd itself: `wrangler dev` costs more than they do. */

import '../scripts/local-runs.ts';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../scripts/workers.ts';

const COMPATIBILITY_DATE = '2026-11-02';

/** A Worker for workerd; bindings are lines of its configuration language. */
export interface ServedWorker {
  readonly name: string;
  /** Configuration of wrangler, relative to the top. */
  readonly config: string;
  readonly bindings?: readonly string[];
  /** Class of the Durable Objects that the Worker has, if any. */
  readonly durableObject?: string;
}

export interface Served {
  readonly url: URL;
  /** Octets of the first Worker's bundle. */
  readonly bundleLength: number;
  /** Microseconds of CPU that workerd has taken so far, all its threads together. */
  readonly cpuTime: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/**
 * Serves the Workers in one workerd; the first is the one that is reachable.
 * @throws {Error} when a Worker cannot be built, or workerd does not come up.
 */
export async function serve(workers: readonly ServedWorker[]): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'cale-bench-'));
  const bundles = await Promise.all(workers.map(({ config }) => bundleOf(config)));
  const placed = await Promise.all(workers.map((worker, at) => place(worker, bundles[at] ?? [], folder)));
  const port = await freePort();
  await writeFile(join(folder, 'config.capnp'), configuration(placed, port));
  const workerd = spawn(join(ROOT, 'node_modules/.bin/workerd'), ['serve', 'config.capnp', '--experimental'], {
    cwd: folder,
  });
  let log = '';
  workerd.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const url = new URL(`http://127.0.0.1:${port}`);
  await untilUp(url, workerd, () => log);
  return {
    url,
    bundleLength: bundles[0]?.[0]?.content.length ?? 0,
    cpuTime: () => cpuTimeOf(workerd),
    async close() {
      const closed = new Promise((resolve) => workerd.once('close', resolve));
      workerd.kill();
      await closed;
      await rm(folder, { recursive: true });
    },
  };
}

/** A module of a bundle, under the name by which the others import it. */
interface Module {
  readonly name: string;
  readonly content: Buffer;
}

/** The script first, and the texts that it imports. */
type Bundle = readonly Module[];

/** Bundles by the configuration that they were built from: what is served more than once is built once. */
const bundles = new Map<string, Promise<Bundle>>();

function bundleOf(config: string): Promise<Bundle> {
  const bundle = bundles.get(config) ?? build(config);
  bundles.set(config, bundle);
  return bundle;
}

async function build(config: string): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'cale-bundle-'));
  try {
    const wrangler = join(ROOT, 'node_modules/.bin/wrangler');
    await promisify(execFile)(wrangler, ['deploy', '--dry-run', '--outdir', folder, '-c', config], { cwd: ROOT });
    const files = await readdir(folder);
    const names = ['.js', '.html'].flatMap((ending) => files.filter((file) => file.endsWith(ending)));
    if (!names[0]?.endsWith('.js')) throw new Error(`${config} was not built`);
    return await Promise.all(names.map(async (name) => ({ name, content: await readFile(join(folder, name)) })));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A Worker and the lines of configuration that name its modules. */
interface PlacedWorker extends ServedWorker {
  readonly modules: readonly string[];
}

/** Writes a bundle where workerd finds it. */
async function place(worker: ServedWorker, bundle: Bundle, folder: string): Promise<PlacedWorker> {
  const modules = bundle.map(async ({ name, content }, at) => {
    const file = `${worker.name}-${name}`;
    await writeFile(join(folder, file), content);
    return `(name = "${name}", ${at === 0 ? 'esModule' : 'text'} = embed "${file}")`;
  });
  return { ...worker, modules: await Promise.all(modules) };
}

/** Linux counts, for each thread, the nanoseconds that it ran. */
async function cpuTimeOf({ pid }: ChildProcess): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')));
  return stats.reduce((sum, line) => sum + Number(line.split(' ')[0]) / 1000, 0);
}

function configuration(workers: readonly PlacedWorker[], port: number): string {
  const services = workers.map(({ name, modules, bindings = [], durableObject }) => {
    const storage = `durableObjectNamespaces = [(className = "${durableObject}", uniqueKey = "${name}", enableSql = true)],
        durableObjectStorage = (localDisk = "disk"),`;
    return `(name = "${name}", worker = (
        modules = [${modules.join(', ')}],
        compatibilityDate = "${COMPATIBILITY_DATE}",
        ${durableObject === undefined ? '' : storage}
        bindings = [${bindings.join(', ')}]))`;
  });
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        ${services.join(',\n')},
        (name = "disk", disk = (path = ".", writable = true)),
        (name = "kv", worker = (modules = [(name = "kv.js", esModule = "${KV}")], compatibilityDate = "${COMPATIBILITY_DATE}"))
      ],
      sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "${workers[0]?.name}")],
      extensions = [(modules = [(name = "bench:no-limit", esModule = "${NO_LIMIT}", internal = true)])]
    );`;
}

/** Cloudflare's KV and rate limits are not in workerd: one that forgets, and one that never refuses. */
const KV = 'export default { async fetch(request) { await request.arrayBuffer(); return new Response(null); } };';
const NO_LIMIT = 'export default () => ({ limit: async () => ({ success: true }) });';

export const text = (name: string, value: string): string => `(name = "${name}", text = ${JSON.stringify(value)})`;
export const service = (name: string, target: string): string => `(name = "${name}", service = "${target}")`;
export const kv = (name: string): string => `(name = "${name}", kvNamespace = "kv")`;
export const limiter = (name: string): string => `(name = "${name}", wrapped = (moduleName = "bench:no-limit"))`;
export const durableObjects = (name: string, className: string): string =>
  `(name = "${name}", durableObjectNamespace = "${className}")`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
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
