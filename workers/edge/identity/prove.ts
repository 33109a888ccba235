/** Brokering proof of identity at registration (draft 4.1), by each method that is configured. */

import { type Identity, isValidIdentity } from '../../../shared/identity.ts';
import type { EdgeConfig } from '../config.ts';
import { checkBasic } from './basic.ts';
import { checkBearer } from './bearer.ts';

/** Octets of the longest Authorization that is looked at. */
const MAX_AUTHORIZATION = 8 * 1024;

/**
 * @param authorization value of the request's Authorization.
 * @returns who it is; a problem when nobody was proved, or somebody whom a certificate cannot name.
 * @throws {IssuerUnavailable} when a token's issuer does not answer.
 */
export async function proveIdentity(
  config: EdgeConfig,
  authorization: string | null,
): Promise<Identity | { readonly problem: 'identity-required' | 'identity-not-representable' }> {
  const [, scheme, credentials] = /^([A-Za-z]+) +([^ ]+) *$/.exec(authorization ?? '') ?? [];
  if (credentials === undefined || credentials.length > MAX_AUTHORIZATION) return { problem: 'identity-required' };
  const proved = await check(config, scheme?.toLowerCase(), credentials);
  if (proved === undefined) return { problem: 'identity-required' };
  const identity = { ...proved, organization: config.organization };
  return isValidIdentity(identity) ? identity : { problem: 'identity-not-representable' };
}

async function check(
  { basicUsers, bearerIssuer }: EdgeConfig,
  scheme: string | undefined,
  credentials: string,
): Promise<{ owner: string; scopes: readonly string[] } | undefined> {
  if (scheme === 'basic' && basicUsers !== undefined) return checkBasic(basicUsers, credentials);
  if (scheme === 'bearer' && bearerIssuer !== undefined) return checkBearer(bearerIssuer, credentials);
  return undefined;
}

/** WWW-Authenticate (RFC 9110 11.6.1): a challenge for each method that is configured. */
export function challenges({ basicUsers, bearerIssuer, organization }: EdgeConfig): Headers {
  const headers = new Headers();
  if (basicUsers) headers.append('WWW-Authenticate', `Basic realm="${organization}", charset="UTF-8"`);
  if (bearerIssuer) headers.append('WWW-Authenticate', `Bearer realm="${organization}"`);
  return headers;
}
