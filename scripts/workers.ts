import { fileURLToPath } from 'node:url';

/** The Workers of the demo by name, with their configuration files; the first is the one that is reachable from outside. */
export const WORKERS = [
  { name: 'edge', config: 'wrangler.toml' },
  { name: 'authority', config: 'workers/authority/wrangler.toml' },
  { name: 'origin', config: 'workers/origin/wrangler.toml' },
  { name: 'resource', config: 'workers/resource/wrangler.toml' },
] as const;

/** Stands in the place of origin and resource server, in front of an API that is none of these Workers. */
export const GATEWAY = { name: 'gateway', config: 'workers/gateway/wrangler.toml' } as const;

export const ALL_WORKERS = [...WORKERS, GATEWAY] as const;

/** All parties with the demo API in one Worker, for trying out. */
export const SINGLE = { name: 'single', config: 'workers/single/wrangler.toml' } as const;

export const ROOT = fileURLToPath(new URL('..', import.meta.url).href);
