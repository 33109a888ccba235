/** The options of an edge, as plain values, and the configuration that they amount to. */

import { EncodingError } from '../../shared/encoding/error.ts';
import { isFieldName } from '../../shared/protocol/headers.ts';
import { parseOrganization } from '../../shared/protocol/identity.ts';
import type { MetricsDataset } from '../../shared/protocol/request-counts.ts';
import { LOG_SAMPLE_PERCENT } from '../../shared/protocol/request-trace.ts';
import { contentEncryptionFor } from '../../shared/protocol/tls-ciphers.ts';
import { ConfigError, parseInteger, parseValue } from '../../shared/settings.ts';
import type { AdministratorProof } from './administration/proof.ts';
import { type AdminToken, parseAdminTokens } from './administration/tokens.ts';
import { isOriginSetting } from './allowed-origins.ts';
import type { NegotiatedCipher } from './context.ts';
import type { IdentityMethod } from './identity/method.ts';
import { UPSTREAM_DEADLINE_MS, type Upstream, withDeadline, withUploadDeadline } from './upstream.ts';

/** Counts the requests of a key; a `ratelimits` binding is one. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

export const UNSAFE_METHODS = ['refuse', 'signed', 'allow'] as const;

/** The options of an edge. `edgeFromSettings` has them from the environment of a Worker. */
export interface EdgeOptions {
  /** Domain of the organisation, in lower case: the DC of every certificate. The authority has the same. */
  readonly organization: string;
  /** Methods of proving an identity; at least one. */
  readonly identityMethods: readonly IdentityMethod[];
  readonly authority: Upstream;
  readonly origin: Upstream;
  /** Milliseconds that authority and origin may take to begin an answer: 100 to 600000; by default 30000. */
  readonly upstreamDeadlineMs?: number;
  /** The authority's administration. Without it, or without a token, there is no administration through this edge. */
  readonly administration?: Upstream | undefined;
  /** Opens `/admin`, under the name `administrator`. */
  readonly adminToken?: string | undefined;
  /** Tokens of at least 16 characters by the names of administrators, which the trail has. Each opens `/admin`. */
  readonly adminTokens?: Readonly<Record<string, string>>;
  /** Proof that is needed beside a token; by default none. */
  readonly administratorProof?: AdministratorProof | undefined;
  /** Fixes the TLS cipher where no TLS is terminated; by default the one that the connection negotiated. */
  readonly tlsCipher?: string | undefined;
  /**
   * The proof that methods take that can change something: none will do, a signature (the default), or no more than a
   * GUID.
   */
  readonly unsafeMethods?: (typeof UNSAFE_METHODS)[number];
  /** False to refuse TLS ciphers with CBC, whose answers can be altered. The draft's own cipher is one: by default true. */
  readonly cbcCiphersAllowed?: boolean;
  /** Web origins that browsers may call from, such as `https://app.example.com`, or `*`; by default none. */
  readonly allowedOrigins?: readonly string[];
  /** The field in which a trusted proxy in front says the client's address; by default `CF-Connecting-IP`. */
  readonly clientAddressField?: string;
  /** Limit of registrations and administration of one client network; by default there is none. */
  readonly registrationLimiter?: RateLimiter;
  /** Limit of all other requests of one client network; by default there is none. */
  readonly requestLimiter?: RateLimiter;
  /** Limit of all requests of one site, the /48 of an IPv6 address; by default there is none. */
  readonly siteLimiter?: RateLimiter;
  /** Limit of requests with one GUID; by default there is none. */
  readonly guidLimiter?: RateLimiter;
  /** Limit of registrations by one owner, whose identity was proved; by default there is none. */
  readonly ownerLimiter?: RateLimiter;
  /** HTML for visitors of `/` who are no clients; by default there is no such page. */
  readonly page?: string | undefined;
  /** Percent of the requests that were answered, of which a line is logged; by default 100. */
  readonly logSamplePercent?: number;
  /** Gets one data point a request; by default there is none. */
  readonly metrics?: MetricsDataset | undefined;
}

/** Options that were checked, with their defaults filled in. */
export interface EdgeConfig {
  readonly organization: string;
  readonly identityMethods: readonly IdentityMethod[];
  readonly administration: Upstream | undefined;
  readonly adminTokens: readonly AdminToken[];
  readonly administratorProof: AdministratorProof | undefined;
  readonly tlsCipher: NegotiatedCipher | undefined;
  readonly unsafeMethods: (typeof UNSAFE_METHODS)[number];
  readonly cbcCiphersAllowed: boolean;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly authority: Upstream;
  readonly origin: Upstream;
  readonly clientAddressField: string;
  readonly registrationLimiter: RateLimiter;
  readonly requestLimiter: RateLimiter;
  readonly siteLimiter: RateLimiter;
  readonly guidLimiter: RateLimiter;
  readonly ownerLimiter: RateLimiter;
  readonly page: string | undefined;
  readonly logSamplePercent: number;
  readonly metrics: MetricsDataset | undefined;
}

/** Cloudflare sets it on every request, in place of what the client sent. */
export const CLIENT_ADDRESS_FIELD = 'CF-Connecting-IP';

/** The name of the administrator who has `adminToken`. */
const UNNAMED_ADMINISTRATOR = 'administrator';

const NO_LIMIT: RateLimiter = { limit: async () => ({ success: true }) };

/** @throws {ConfigError} with the name of the option that is not usable. */
export function parseEdgeOptions(options: EdgeOptions): EdgeConfig {
  const { allowedOrigins = [], clientAddressField = CLIENT_ADDRESS_FIELD } = options;
  const { identityMethods, tlsCipher, unsafeMethods = 'signed' } = options;
  const deadlineMs = parseInteger('upstreamDeadlineMs', options.upstreamDeadlineMs, UPSTREAM_DEADLINE_MS);
  if (identityMethods.length === 0) throw new ConfigError('identityMethods must hold at least one.');
  if (!UNSAFE_METHODS.includes(unsafeMethods)) {
    throw new ConfigError(`unsafeMethods must be one of: ${UNSAFE_METHODS.join(', ')}.`);
  }
  return {
    organization: parseValue('organization', options.organization, parseOrganization),
    identityMethods,
    administration: options.administration && withDeadline(options.administration, deadlineMs),
    adminTokens: adminTokensOf(options),
    administratorProof: options.administratorProof,
    tlsCipher: tlsCipher === undefined ? undefined : parseValue('tlsCipher', tlsCipher, parseTlsCipher),
    unsafeMethods,
    cbcCiphersAllowed: options.cbcCiphersAllowed ?? true,
    allowedOrigins: new Set(allowedOrigins.map((each) => parseValue('allowedOrigins', each, parseAllowedOrigin))),
    authority: withDeadline(options.authority, deadlineMs),
    origin: withUploadDeadline(options.origin, deadlineMs),
    clientAddressField: parseValue('clientAddressField', clientAddressField, parseFieldName),
    registrationLimiter: options.registrationLimiter ?? NO_LIMIT,
    requestLimiter: options.requestLimiter ?? NO_LIMIT,
    siteLimiter: options.siteLimiter ?? NO_LIMIT,
    guidLimiter: options.guidLimiter ?? NO_LIMIT,
    ownerLimiter: options.ownerLimiter ?? NO_LIMIT,
    page: options.page,
    logSamplePercent: parseInteger('logSamplePercent', options.logSamplePercent, LOG_SAMPLE_PERCENT),
    metrics: options.metrics,
  };
}

/** @throws {ConfigError} when a name or a token is not usable. */
function adminTokensOf({ adminToken, adminTokens = {} }: EdgeOptions): AdminToken[] {
  const named = parseValue('adminTokens', adminTokens, parseAdminTokens);
  return adminToken === undefined ? named : [{ name: UNNAMED_ADMINISTRATOR, token: adminToken }, ...named];
}

/** @throws {EncodingError} when it is not the name of a TLS cipher that has its counterpart in CMS. */
export function parseTlsCipher(name: string): NegotiatedCipher {
  const encryption = contentEncryptionFor(name);
  if (encryption !== undefined) return { name, encryption };
  throw new EncodingError(`${name} is not a TLS cipher such as ECDHE-RSA-AES256-GCM-SHA384`);
}

/** @throws {EncodingError} when it is not the name of a header field. */
export function parseFieldName(name: string): string {
  if (isFieldName(name)) return name;
  throw new EncodingError(`${name} is not the name of a header field such as CF-Connecting-IP`);
}

/** @throws {EncodingError} when it is none that {@link isOriginSetting} takes. */
export function parseAllowedOrigin(origin: string): string {
  if (isOriginSetting(origin)) return origin;
  throw new EncodingError(`${origin} is not a web origin such as https://app.example.com or http://localhost:*`);
}
