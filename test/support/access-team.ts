/** A team of Cloudflare Access, with its keys at a server on loopback. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface Assertion {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly issuer?: string;
  readonly audience?: string;
  /** As jose takes it. */
  readonly expires?: string;
  /** In place of the team's. */
  readonly key?: CryptoKey;
}

export interface AccessTeam {
  /** Variables of an edge behind it. */
  readonly variables: Readonly<Record<'ACCESS_TEAM_DOMAIN' | 'ACCESS_AUDIENCE', string>>;
  /** @returns what Access adds to a request in `Cf-Access-Jwt-Assertion`, for a person unless claims say otherwise. */
  assertion(changes?: Assertion): Promise<string>;
  close(): Promise<void>;
}

const AUDIENCE = '4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2';

/** @param hasKeys false for one whose server answers with 500. */
export async function startAccessTeam(hasKeys = true): Promise<AccessTeam> {
  const { privateKey, publicKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'RS256' }] });
  const server = createServer(({ url }, response) => {
    const status = !hasKeys ? 500 : url === '/cdn-cgi/access/certs' ? 200 : 404;
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(keys);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const domain = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    variables: { ACCESS_TEAM_DOMAIN: domain, ACCESS_AUDIENCE: AUDIENCE },
    assertion: ({ claims = { email: 'alice@example.com', sub: crypto.randomUUID() }, ...changes } = {}) =>
      new SignJWT({ type: 'app', sub: '', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'JWT' })
        .setIssuer(changes.issuer ?? `http://${domain}`)
        .setAudience([changes.audience ?? AUDIENCE])
        .setIssuedAt()
        .setNotBefore('0 seconds')
        .setExpirationTime(changes.expires ?? '24h')
        .sign(changes.key ?? privateKey),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
