/** Cloudflare Access in front of `/admin`: the JWT that it adds to each request which it lets through. */

import { EncodingError } from '../../../shared/encoding/error.ts';
import { isLoopback } from '../../../shared/protocol/loopback.ts';
import { optionalSetting, parseSetting, requiredSetting } from '../../../shared/settings.ts';
import { createKeySet } from '../identity/key-set.ts';
import { proveToken, type TokenIssuer } from '../identity/token.ts';
import type { AdministratorProof, ProvedAdministrator } from './proof.ts';

const ASSERTION_FIELD = 'Cf-Access-Jwt-Assertion';
/** Where a team's keys are, at its domain. */
const KEYS_PATH = '/cdn-cgi/access/certs';
/** Characters of a name that goes into the trail. An address has at most 254. */
const MAX_NAME_LENGTH = 256;

const NO_ASSERTION = `The request has no ${ASSERTION_FIELD}: it did not come through Cloudflare Access.`;
const NO_NAME = 'The token has neither an email nor a common_name that can be written down.';

/**
 * Access of `ACCESS_TEAM_DOMAIN`, for the application of `ACCESS_AUDIENCE`.
 * @returns undefined where both are missing.
 * @throws {ConfigError} when one of them is missing, or not usable.
 */
export function accessFromSettings(env: object): AdministratorProof | undefined {
  const names = ['ACCESS_TEAM_DOMAIN', 'ACCESS_AUDIENCE'];
  if (names.every((name) => optionalSetting(env, name) === undefined)) return undefined;
  const team = parseSetting(env, 'ACCESS_TEAM_DOMAIN', parseTeamDomain);
  const issuer: TokenIssuer = {
    issuer: team.origin,
    audience: requiredSetting(env, 'ACCESS_AUDIENCE'),
    keys: createKeySet(new URL(KEYS_PATH, team)),
    type: undefined,
    // Access says by exp how long a login lasts.
    maxAgeSeconds: 0,
  };
  return { prove: (headers) => proveAccess(issuer, headers.get(ASSERTION_FIELD)) };
}

/** @throws {EncodingError} when it is not a host, with or without a port. */
function parseTeamDomain(domain: string): URL {
  const url = URL.canParse(`https://${domain}`) ? new URL(`https://${domain}`) : undefined;
  if (url === undefined || url.host !== domain) {
    throw new EncodingError('it is not a domain such as acme.cloudflareaccess.com');
  }
  return isLoopback(url) ? new URL(`http://${domain}`) : url;
}

/** @throws {IssuerUnavailable} when the keys of the team cannot be had. */
async function proveAccess(issuer: TokenIssuer, assertion: string | null): Promise<ProvedAdministrator> {
  if (assertion === null) return { ok: false, detail: NO_ASSERTION };
  const proved = await proveToken(assertion, issuer, 'ACCESS_TEAM_DOMAIN');
  if (!proved.ok) return proved;
  // Services have no address. Their tokens name the client.
  const name = [proved.value['email'], proved.value['common_name']].find(
    (claim) => claim !== undefined && claim !== '',
  );
  if (typeof name !== 'string' || name.length > MAX_NAME_LENGTH) return { ok: false, detail: NO_NAME };
  return { ok: true, value: encodeName(name) };
}

/** Writes what is not printable in ASCII as percent-encoded UTF-8, because the name goes on in a header field. */
const encodeName = (name: string): string =>
  name.toWellFormed().replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
