/** The secrets of each Worker that come out of the folder, in one file a Worker: they are deployed together. */

import { describeCertificate } from '../certificates.ts';
import { ALL_WORKERS } from '../workers.ts';
import type { Draft } from './draft.ts';
import { isThere, read, replace } from './folder.ts';
import { isSelfSigned, type Key, keysOf, liveKeys, ORIGIN_KINDS } from './state.ts';

type Worker = Exclude<(typeof ALL_WORKERS)[number]['name'], 'edge'>;
type Secrets = Readonly<Record<string, string>>;

/** A Worker's file, and the secrets in it that differ from the last ones. */
export interface Change {
  readonly worker: Worker;
  readonly config: string;
  readonly file: string;
  readonly secrets: readonly string[];
}

/** In the order of deploying: those who verify learn of an authority before it issues. */
const WORKERS = ['resource', 'origin', 'gateway', 'authority'] as const satisfies readonly Worker[];

/** Cloudflare's limit for a secret, and for a variable. */
export const MAX_SECRET_BYTES = 5 * 1024;

/** Writes the files that have changed. @returns what has. */
export async function writeBundles(draft: Draft): Promise<Change[]> {
  const all = await bundlesOf(draft);
  return WORKERS.flatMap((worker) => {
    const file = `deploy/${worker}.json`;
    const before: Secrets = isThere(file) ? JSON.parse(read(file)) : {};
    const secrets = Object.keys(all[worker]).filter((name) => before[name] !== all[worker][name]);
    if (secrets.length === 0) return [];
    replace(file, `${JSON.stringify(all[worker], null, 2)}\n`);
    const config = ALL_WORKERS.find(({ name }) => name === worker)?.config ?? '';
    return [{ worker, config, file: `secrets/${file}`, secrets }];
  });
}

async function bundlesOf(draft: Draft): Promise<Record<Worker, Secrets>> {
  const { state } = draft;
  const issuing = liveKeys(state, 'issuing');
  const trust = { AUTHORITY_CERTIFICATES: join(draft, issuing.map(firstCertificate)) };
  const origin = Object.assign({}, trust, ...ORIGIN_KINDS.map((kind) => originSecrets(draft, kind)));
  const roots = [...(await crossCertificates(draft)), ...liveKeys(state, 'root').map(firstCertificate)];
  const [used] = keysOf(state, 'issuing', 'used');
  const authority = {
    AUTHORITY_KEY: draft.read(`${used?.name}.key`),
    AUTHORITY_CERTIFICATES: join(draft, [...issuing.map(firstCertificate), ...roots]),
  };
  return { resource: trust, origin, gateway: origin, authority };
}

/**
 * The key in use, and the certificates of all that are published: first its own, by the authority that issues. The origin
 * opens requests with the other keys too.
 */
function originSecrets(draft: Draft, kind: (typeof ORIGIN_KINDS)[number]): Secrets {
  const issuers = liveKeys(draft.state, 'issuing');
  const keys = liveKeys(draft.state, kind);
  const files = keys.flatMap(({ certificates }) => issuers.flatMap(({ name }) => certificates[name] ?? []));
  const name = `ORIGIN_${kind.toUpperCase()}`;
  const held = kind === 'encryption' ? keys : keys.slice(0, 1);
  const key = join(
    draft,
    held.map((each) => `${each.name}.key`),
  );
  return { [`${name}_KEY`]: key, [`${name}_CERTIFICATES`]: join(draft, files) };
}

/** By which clients follow from one root to the next: all that have not ended, for those who were away for long. */
async function crossCertificates(draft: Draft): Promise<string[]> {
  const files = keysOf(draft.state, 'root', 'used', 'next', 'old', 'out', 'revoked').flatMap(({ name, certificates }) =>
    Object.entries(certificates).flatMap(([issuer, file]) => (issuer === name ? [] : file)),
  );
  const ends = await Promise.all(files.map((file) => describeCertificate(draft.read(file))));
  return files.filter((_, at) => (ends[at]?.notAfter.getTime() ?? 0) > Date.now());
}

/** Of an issuing key that by its root; of a root, or of an authority that is its own root, the self-signed one. */
export const firstCertificate = (key: Key): string =>
  (isSelfSigned(key) ? key.certificates[key.name] : Object.values(key.certificates)[0]) ?? '';

const join = (draft: Draft, files: readonly string[]): string =>
  files.map((file) => `${draft.read(file).trim()}\n`).join('');

/** @returns sentences about secrets that Cloudflare would not take. */
export function tooLong(changes: readonly Change[]): string[] {
  return changes.flatMap(({ file, secrets }) => {
    const texts: Secrets = JSON.parse(read(file.slice('secrets/'.length)));
    return secrets
      .filter((name) => (texts[name] ?? '').length > MAX_SECRET_BYTES)
      .map((name) => `${name} in ${file} is longer than ${MAX_SECRET_BYTES} bytes, the most that a secret may have.`);
  });
}
