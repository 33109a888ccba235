/** An OpenID provider on loopback, whose access tokens are JWTs for an API. Its login takes every password. */

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
// @ts-expect-error: it has no types.
import Provider from 'oidc-provider';

export interface Issuer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** @param redirectUri of the one client, `web-page`, which has no secret. */
export async function startIssuer(redirectUri: string, audience: string): Promise<Issuer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(url, {
    clients: [
      {
        client_id: 'web-page',
        token_endpoint_auth_method: 'none',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    clientBasedCORS: (_context: unknown, origin: string) => redirectUri === `${origin}/`,
    cookies: { keys: [randomUUID()] },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'issuer' }] },
    scopes: ['openid', 'read', 'write'],
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({ audience, scope: 'read write', accessTokenFormat: 'jwt' }),
        useGrantedResource: () => true,
      },
    },
  });
  server.on('request', provider.callback());
  return {
    url,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
