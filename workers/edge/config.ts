/** The edge's settings, checked when the Worker starts. */

import { parseDecoySecret } from '../../shared/protocol/decoy.ts';
import { parseOrganization } from '../../shared/protocol/identity.ts';
import { contentEncryptionFor } from '../../shared/protocol/tls-ciphers.ts';
import { ConfigError, choiceSetting, listSetting, optionalSetting, parseSetting } from '../../shared/settings.ts';
import { isOriginSetting } from './allowed-origins.ts';
import type { NegotiatedCipher } from './context.ts';
import { basicFromSettings } from './identity/basic.ts';
import { bearerFromSettings } from './identity/bearer.ts';
import type { IdentityMethod } from './identity/method.ts';

/** The edge's secrets, which no generated type knows: see wrangler.toml. */
interface Secrets {
  readonly DECOY_SECRET?: string;
  readonly BASIC_USERS?: string;
  readonly ADMIN_TOKEN?: string;
}

export interface EdgeConfig {
  readonly organization: string;
  /** Methods of proving an identity; at least one. */
  readonly identityMethods: readonly IdentityMethod[];
  /** Undefined: there is no administration through this edge. */
  readonly adminToken: string | undefined;
  readonly decoySecret: Uint8Array<ArrayBuffer>;
  /** Undefined: the one that the connection negotiated. */
  readonly tlsCipher: NegotiatedCipher | undefined;
  /** The proof that methods take that can change something: none will do, a signature, or no more than a GUID. */
  readonly unsafeMethods: (typeof UNSAFE_METHODS)[number];
  /** False: only ciphers that authenticate content are accepted. */
  readonly cbcCiphersAllowed: boolean;
  /** As {@link isOriginSetting} takes them. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** True when `/` shows visitors the tour. */
  readonly isDemo: boolean;
  readonly authority: Fetcher;
  readonly origin: Fetcher;
  readonly registrationLimiter: RateLimit;
  readonly requestLimiter: RateLimit;
}

const UNSAFE_METHODS = ['refuse', 'signed', 'allow'] as const;

const METHODS: Readonly<Record<string, (env: object) => IdentityMethod>> = {
  basic: basicFromSettings,
  bearer: bearerFromSettings,
};

/** @throws {ConfigError} when a setting is missing or not usable. */
export function edgeFromSettings(env: EdgeEnv & Secrets): EdgeConfig {
  return {
    organization: parseSetting(env, 'ORGANIZATION', parseOrganization),
    identityMethods: identityMethodsFromSettings(env),
    adminToken: optionalSetting(env, 'ADMIN_TOKEN'),
    decoySecret: parseSetting(env, 'DECOY_SECRET', parseDecoySecret),
    tlsCipher: tlsCipherFromSettings(env),
    unsafeMethods: choiceSetting(env, 'UNSAFE_METHODS', UNSAFE_METHODS),
    cbcCiphersAllowed: choiceSetting(env, 'CBC_CIPHERS', ['allow', 'refuse']) === 'allow',
    allowedOrigins: allowedOriginsFromSettings(env),
    isDemo: choiceSetting(env, 'DEMO', ['on', 'off']) === 'on',
    authority: env.AUTHORITY,
    origin: env.ORIGIN,
    registrationLimiter: env.REGISTRATION_LIMITER,
    requestLimiter: env.REQUEST_LIMITER,
  };
}

function identityMethodsFromSettings(env: object): IdentityMethod[] {
  const names = listSetting(env, 'IDENTITY_METHODS');
  const methods = names.flatMap((name) => METHODS[name] ?? []);
  if (names.length === 0 || methods.length < names.length) {
    throw new ConfigError(`IDENTITY_METHODS must name at least one of: ${Object.keys(METHODS).join(', ')}.`);
  }
  return methods.map((fromSettings) => fromSettings(env));
}

function tlsCipherFromSettings(env: object): NegotiatedCipher | undefined {
  const name = optionalSetting(env, 'TLS_CIPHER');
  if (name === undefined) return undefined;
  const encryption = contentEncryptionFor(name);
  if (encryption === undefined) {
    throw new ConfigError(`TLS_CIPHER must be a TLS cipher such as ECDHE-RSA-AES256-GCM-SHA384, not ${name}.`);
  }
  return { name, encryption };
}

function allowedOriginsFromSettings(env: object): ReadonlySet<string> {
  const origins = listSetting(env, 'ALLOWED_ORIGINS');
  const wrong = origins.find((origin) => !isOriginSetting(origin));
  if (wrong === undefined) return new Set(origins);
  throw new ConfigError(
    `ALLOWED_ORIGINS must hold origins such as https://app.example.com or http://localhost:*, not ${wrong}.`,
  );
}
