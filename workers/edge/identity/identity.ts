/** Brokering proof of identity at registration (draft 4.1), by each method that is configured. */

import { type Identity, isValidIdentity } from '../../../shared/protocol/identity.ts';
import { failure, type Result, success } from '../../../shared/result.ts';
import type { EdgeConfig } from '../config.ts';

/** Maximum length of the credentials in Authorization, in characters. */
const MAX_CREDENTIALS_LENGTH = 8 * 1024;

type Brokerage = Pick<EdgeConfig, 'identityMethods' | 'organization'>;

/**
 * @param authorization value of the request's Authorization.
 * @throws {IssuerUnavailable} when a token's issuer does not answer.
 */
export async function proveIdentity(
  { identityMethods, organization }: Brokerage,
  authorization: string | null,
): Promise<Result<Identity, 'identity-required' | 'identity-not-representable'>> {
  const [, scheme, credentials] = /^([A-Za-z]+) +([^ ]+) *$/.exec(authorization ?? '') ?? [];
  if (credentials === undefined || credentials.length > MAX_CREDENTIALS_LENGTH) return failure('identity-required');
  const method = identityMethods.find((each) => each.scheme === scheme?.toLowerCase());
  const proved = await method?.prove(credentials);
  if (proved === undefined) return failure('identity-required');
  const identity = { ...proved, organization };
  return isValidIdentity(identity) ? success(identity) : failure('identity-not-representable');
}

/** WWW-Authenticate (RFC 9110 11.6.1): a challenge for each method that is configured. */
export function challenges({ identityMethods, organization }: Brokerage): Headers {
  const headers = new Headers();
  for (const method of identityMethods) headers.append('WWW-Authenticate', method.challenge(organization));
  return headers;
}
