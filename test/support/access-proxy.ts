/** Cloudflare's network in front of an edge: it adds the assertion of a service to requests with its id and secret. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AccessService {
  readonly id: string;
  readonly secret: string;
  readonly assertion: string;
}

/** @returns the origin of a server on loopback that hands GET requests on to the edge. */
export async function startAccessProxy(edge: URL, { id, secret, assertion }: AccessService) {
  const server = createServer(async ({ url = '', headers }, response) => {
    const isService = headers['cf-access-client-id'] === id && headers['cf-access-client-secret'] === secret;
    const answer = await fetch(new URL(url, edge), {
      headers: {
        Authorization: headers.authorization ?? '',
        ...(isService && { 'Cf-Access-Jwt-Assertion': assertion }),
      },
    });
    response.writeHead(answer.status).end(await answer.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
