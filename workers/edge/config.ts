/** The edge's settings, checked when the Worker starts. */

import { ConfigError, list, oneOf, optional, parsed, required } from '../../shared/config.ts';
import { readDecoySecret } from '../../shared/decoy/secret.ts';
import { isDomain } from '../../shared/identity.ts';
import { type BasicUsers, readBasicUsers } from './identity/basic.ts';
import { type BearerIssuer, readBearerIssuer } from './identity/bearer.ts';

/** The edge's secrets, which no generated type knows: see wrangler.toml. */
interface Secrets {
  readonly DECOY_SECRET?: string;
  readonly BASIC_USERS?: string;
  readonly ADMIN_TOKEN?: string;
}

export interface EdgeConfig {
  readonly organization: string;
  /** Methods of proving an identity; at least one of them is there. */
  readonly basicUsers: BasicUsers | undefined;
  readonly bearerIssuer: BearerIssuer | undefined;
  /** Undefined: there is no administration through this edge. */
  readonly adminToken: string | undefined;
  readonly decoySecret: Uint8Array<ArrayBuffer>;
  /** Undefined: what the connection negotiated. */
  readonly tlsCipher: string | undefined;
  readonly unsafeMethodsAllowed: boolean;
  readonly allowedOrigins: ReadonlySet<string>;
  /** Whether `/` shows visitors the tour. */
  readonly isDemo: boolean;
  readonly authority: Fetcher;
  readonly origin: Fetcher;
  readonly registrationLimiter: RateLimit;
  readonly requestLimiter: RateLimit;
}

const METHODS = ['basic', 'bearer'];

/** @throws {ConfigError} */
export function readConfig(env: EdgeEnv & Secrets): EdgeConfig {
  const organization = required(env, 'ORGANIZATION');
  if (!isDomain(organization)) throw new ConfigError('ORGANIZATION must be a domain name in lower case.');
  const methods = list(env, 'IDENTITY_METHODS');
  if (methods.length === 0 || methods.some((method) => !METHODS.includes(method))) {
    throw new ConfigError('IDENTITY_METHODS must name at least one of: basic, bearer.');
  }
  return {
    organization,
    basicUsers: methods.includes('basic') ? parsed(env, 'BASIC_USERS', readBasicUsers) : undefined,
    bearerIssuer: methods.includes('bearer') ? readBearerIssuer(env) : undefined,
    adminToken: optional(env, 'ADMIN_TOKEN'),
    decoySecret: parsed(env, 'DECOY_SECRET', readDecoySecret),
    tlsCipher: optional(env, 'TLS_CIPHER'),
    unsafeMethodsAllowed: oneOf(env, 'UNSAFE_METHODS', ['refuse', 'allow']) === 'allow',
    allowedOrigins: readAllowedOrigins(list(env, 'ALLOWED_ORIGINS')),
    isDemo: oneOf(env, 'DEMO', ['on', 'off']) === 'on',
    authority: env.AUTHORITY,
    origin: env.ORIGIN,
    registrationLimiter: env.REGISTRATION_LIMITER,
    requestLimiter: env.REQUEST_LIMITER,
  };
}

function readAllowedOrigins(origins: readonly string[]): ReadonlySet<string> {
  for (const origin of origins) {
    if (origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)) continue;
    throw new ConfigError(`ALLOWED_ORIGINS must hold origins such as https://app.example.com, not ${origin}.`);
  }
  return new Set(origins);
}
