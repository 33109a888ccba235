/** Secrets of all Workers: an authority, keys, users, an administrator's token. Made here, never committed. */

import { randomBytes } from 'node:crypto';
import {
  type AuthorityKeyType,
  createAuthority,
  createIssuing,
  createOriginKey,
  createRoot,
  type KeyAndCertificate,
} from './certificates.ts';
import { hashPassword } from './scrypt-hash.ts';
import type { ALL_WORKERS } from './workers.ts';

/** Secrets by Worker and by name. */
export type Secrets = Record<(typeof ALL_WORKERS)[number]['name'], Record<string, string>>;

/** Their passwords are no secret. */
export const DEVELOPMENT_USERS = {
  alice: { password: 'wonderland', scopes: ['read', 'write'] },
  bob: { password: 'builder', scopes: ['read'] },
};

/**
 * @returns secrets that fit each other: alice:wonderland (read, write), bob:builder (read), the token `admin`. The root has
 *   certified the authority, and its key is gone.
 */
export async function createDevelopmentSecrets(keyType: AuthorityKeyType = 'P-256'): Promise<Secrets> {
  const root = await createRoot();
  const authority = await createIssuing(root, { commonName: 'CALE development authority', keyType });
  return secretsOf(authority, `${authority.certificate}\n${root.certificate}`, {
    // A cheap hash, because each costs a registration of every test.
    users: Object.fromEntries(
      Object.entries(DEVELOPMENT_USERS).map(([name, { password, scopes }]) => [
        name,
        { password: hashPassword(password, 1), scopes },
      ]),
    ),
    adminToken: 'admin',
  });
}

interface EdgeSecrets {
  /** By name, each password as a PHC string. */
  readonly users: Readonly<Record<string, { readonly password: string; readonly scopes: readonly string[] }>>;
  readonly adminToken: string;
}

interface SecretsOptions extends EdgeSecrets {
  /** Domain in the authority's certificate. */
  readonly organization?: string;
}

/** @returns secrets that fit each other, of a new authority that is its own root: there is nowhere to keep another key. */
export async function createSecrets(commonName: string, { organization, ...edge }: SecretsOptions): Promise<Secrets> {
  const authority = await createAuthority(commonName, 'P-256', organization);
  return secretsOf(authority, authority.certificate, edge);
}

/** @param published certificates of the authority, that which issues first. */
async function secretsOf(
  authority: KeyAndCertificate,
  published: string,
  { users, adminToken }: EdgeSecrets,
): Promise<Secrets> {
  const [signing, encryption] = await Promise.all([
    createOriginKey(authority, 'signing'),
    createOriginKey(authority, 'encryption'),
  ]);
  const decoySecret = randomBytes(32).toString('base64');
  const trust = { AUTHORITY_CERTIFICATES: authority.certificate };
  const origin = {
    ...trust,
    ORIGIN_SIGNING_KEY: signing.key,
    ORIGIN_SIGNING_CERTIFICATES: signing.certificate,
    ORIGIN_ENCRYPTION_KEY: encryption.key,
    ORIGIN_ENCRYPTION_CERTIFICATES: encryption.certificate,
  };
  return {
    edge: { BASIC_USERS: JSON.stringify(users), ADMIN_TOKEN: adminToken },
    authority: { AUTHORITY_CERTIFICATES: published, AUTHORITY_KEY: authority.key, DECOY_SECRET: decoySecret },
    origin,
    resource: trust,
    // One of the two runs.
    gateway: origin,
  };
}

/** The text of a .dev.vars file, which wrangler reads secrets of local runs from. @param vars without single quotes. */
export const encodeDevVars = (vars: Readonly<Record<string, string>>): string =>
  Object.entries(vars)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
