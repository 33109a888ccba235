/**
 * The edge by itself, served by workerd without the development server, whose own Worker in front loses the body of a GET
 * in chunks. It has no party behind it: it is for requests that it refuses by itself.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/workers.ts';
import { bundleOf } from './bundles.ts';
import { freePort } from './free-port.ts';

const VARIABLES = {
  ORGANIZATION: 'example.com',
  IDENTITY_METHODS: 'bearer',
  BEARER_ISSUER: 'https://issuer.example.com/',
  BEARER_AUDIENCE: 'api',
  BEARER_JWKS_URL: 'https://issuer.example.com/jwks',
  TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384',
  RATE_LIMITS: 'off',
  DEMO: 'off',
};

export interface ServedEdge {
  readonly url: URL;
  close(): Promise<void>;
}

/** @throws {Error} when workerd does not come up. */
export async function serveEdge(): Promise<ServedEdge> {
  const bundle = bundleOf('edge');
  if (bundle === undefined) throw new Error('only tests have the bundle of the edge');
  const folder = await mkdtemp(join(tmpdir(), 'cale-edge-'));
  const port = await freePort();
  await writeFile(join(folder, 'config.capnp'), encodeConfiguration(await modulesOf(bundle), port));
  const workerd = spawn(join(ROOT, 'node_modules/.bin/workerd'), ['serve', 'config.capnp', `--import-path=${bundle}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  const closed = once(workerd, 'close');
  const url = new URL(`http://127.0.0.1:${port}`);
  const close = async () => {
    workerd.kill();
    await closed;
    await rm(folder, { recursive: true });
  };
  for (let attempt = 0; attempt < 200 && workerd.exitCode === null; attempt++) {
    const isUp = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (isUp) return { url, close };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await close();
  throw new Error('workerd did not come up');
}

/** The script first, and the texts that it imports. */
async function modulesOf(bundle: string): Promise<string[]> {
  const files = await readdir(bundle);
  const embed = (ending: string, kind: string) =>
    files.filter((file) => file.endsWith(ending)).map((file) => `(name = "${file}", ${kind} = embed "/${file}")`);
  return [...embed('.js', 'esModule'), ...embed('.html', 'text')];
}

function encodeConfiguration(modules: readonly string[], port: number): string {
  const texts = Object.entries(VARIABLES).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`);
  const services = ['AUTHORITY', 'ORIGIN'].map((name) => `(name = "${name}", service = "nobody")`);
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "edge", worker = (
          modules = [${modules.join(', ')}],
          compatibilityDate = "2026-11-02",
          bindings = [${[...texts, ...services].join(', ')}])),
        (name = "nobody", network = (allow = []))
      ],
      sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "edge")]
    );`;
}
