/** Brokering proof of identity at registration (draft 4.1), by each method that is configured. */

import {
  faultOfNewIdentity,
  type Identity,
  type IdentityFault,
  MAX_NAME_LENGTH,
  MAX_SCOPES,
  MAX_SCOPES_LENGTH,
} from '../../../shared/protocol/identity.ts';
import { success } from '../../../shared/result.ts';
import type { EdgeConfig } from '../config.ts';
import type { IdentityMethod, ProofContext } from './method.ts';

/** Maximum length of the credentials in Authorization, in characters. Tokens with many groups have some ten thousand. */
const MAX_CREDENTIALS_LENGTH = 16 * 1024;

type Brokerage = Pick<EdgeConfig, 'identityMethods' | 'organization'>;

/** The reason for which no identity was proved. */
export interface IdentityRefusal {
  readonly ok: false;
  readonly fault: 'identity-required' | 'identity-not-representable';
  /** A sentence that quotes nothing of the credentials. */
  readonly detail: string;
  /** The method whose credentials were sent; undefined when there were none, or of a scheme that is not offered. */
  readonly method: IdentityMethod | undefined;
}

/** Too many credentials that were not good came before. These were not looked at. */
export interface IdentityDelay {
  readonly ok: false;
  readonly fault: 'too-many-requests';
  readonly retryAfterSeconds: number;
  readonly method: IdentityMethod;
}

/**
 * @param authorization value of the request's Authorization.
 * @throws {IssuerUnavailable} when a token's issuer does not answer.
 */
export async function proveIdentity(
  { identityMethods, organization }: Brokerage,
  authorization: string | null,
  context: ProofContext,
): Promise<{ readonly ok: true; readonly value: Identity } | IdentityRefusal | IdentityDelay> {
  const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +([^ ]+) *$/.exec(authorization ?? '') ?? [];
  const method = identityMethods.find((each) => each.scheme === scheme.toLowerCase());
  const refuse = (detail: string): IdentityRefusal => ({ ok: false, fault: 'identity-required', detail, method });

  if (authorization === null || authorization === '') return refuse('The request has no Authorization field.');
  if (scheme === '') return refuse('Authorization is not a scheme, a space, and credentials without a space in them.');
  if (method === undefined) {
    const offered = identityMethods.map(({ name }) => name).join(', ');
    return refuse(`The scheme of Authorization is none that is offered: ${offered}.`);
  }
  if (credentials.length > MAX_CREDENTIALS_LENGTH) {
    return refuse(`The credentials have ${credentials.length} characters; ${MAX_CREDENTIALS_LENGTH} are read.`);
  }
  const proved = await method.prove(credentials, context);
  if (!proved.ok) {
    if ('detail' in proved) return refuse(proved.detail);
    return { ok: false, fault: 'too-many-requests', retryAfterSeconds: proved.retryAfterSeconds, method };
  }
  const identity = { ...proved.value, organization };
  const fault = faultOfNewIdentity(identity);
  return fault === undefined
    ? success(identity)
    : { ok: false, fault: 'identity-not-representable', detail: describeFault(fault, identity), method };
}

/** The rule of registrations that the identity breaks, in a sentence that quotes no name. */
function describeFault(fault: IdentityFault, { owner, scopes }: Identity): string {
  const sentences: Record<IdentityFault, string> = {
    'owner-length': `The owner's name has ${[...owner].length} characters; it may have 1 to ${MAX_NAME_LENGTH}.`,
    'owner-characters':
      "The owner's name has a control character, one that turns the direction of writing or ends a line, or half of a " +
      'surrogate pair.',
    'owner-normalization': "The owner's name is not in the Unicode form NFC.",
    organization: 'The organisation is not a domain name.',
    'scope-count': `There are ${scopes.length} scopes; there may be ${MAX_SCOPES}.`,
    'scope-length': `The scopes have ${scopes.join(' ').length} characters; they may have ${MAX_SCOPES_LENGTH} in all.`,
    'scope-characters': `A scope is not 1 to ${MAX_NAME_LENGTH} characters of RFC 6749 3.3.`,
  };
  return sentences[fault];
}

/** WWW-Authenticate (RFC 9110 11.6.1): a challenge for each method that is configured. */
export function challenges({ identityMethods, organization }: Brokerage, { method, detail }: IdentityRefusal): Headers {
  const headers = new Headers();
  for (const each of identityMethods) {
    headers.append('WWW-Authenticate', each.challenge(organization, each === method ? detail : undefined));
  }
  return headers;
}
