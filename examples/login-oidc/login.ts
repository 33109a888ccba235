/** OpenID Connect: the authorization code flow with PKCE, by oauth4webapi. */

import * as oauth from 'oauth4webapi';

const issuer = new URL('http://127.0.0.1:9000');
const client: oauth.Client = { client_id: 'web-page' };
const redirectUri = `${location.origin}/`;
// Only for an issuer on loopback. Leave it out for one of https.
const options = { [oauth.allowInsecureRequests]: true };
/** Where a login is kept while the browser is with the issuer. */
const PENDING = 'pending-login';

const discover = async () => oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));

/** Goes to the issuer, which comes back to this page. */
export async function logIn(audience: string): Promise<void> {
  const { authorization_endpoint = '' } = await discover();
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state }));
  const url = new URL(authorization_endpoint);
  url.search = String(
    new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid read write',
      resource: audience,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
  );
  location.assign(url);
}

/**
 * @returns the access token, where the page was opened by the issuer at the end of a login; otherwise undefined.
 * @throws what the issuer refused, or what was not the answer to this page's own question.
 */
export async function tokenOfLogin(audience: string): Promise<string | undefined> {
  const url = new URL(location.href);
  const pending = sessionStorage.getItem(PENDING);
  if (pending === null || !url.searchParams.has('state')) return undefined;
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, '', redirectUri);
  const { verifier, state } = JSON.parse(pending) as Record<'verifier' | 'state', string>;
  const server = await discover();
  const parameters = oauth.validateAuthResponse(server, client, url, state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    verifier,
    { ...options, additionalParameters: { resource: audience } },
  );
  return (await oauth.processAuthorizationCodeResponse(server, client, response)).access_token;
}
