/** An issuer of access tokens, with its keys at a server on loopback. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TokenIssuer {
  /** Variables of an edge that takes its tokens. */
  readonly variables: Readonly<Record<string, string>>;
  /** @returns a token of the subject that is good for an hour. */
  token(subject: string): Promise<string>;
  close(): Promise<void>;
}

const ISSUER = 'https://issuer.example.com/';

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'one' }] });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(keys);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    variables: {
      IDENTITY_METHODS: 'basic,bearer',
      BEARER_ISSUER: ISSUER,
      BEARER_AUDIENCE: 'api',
      BEARER_JWKS_URL: `http://127.0.0.1:${port}/jwks`,
    },
    token: (subject) =>
      new SignJWT({ scope: 'read write' })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'one' })
        .setIssuer(ISSUER)
        .setAudience('api')
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
