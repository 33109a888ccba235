/** An edge between a client and a harness, which deceives the client. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Harness } from './harness.ts';

/** What an edge between does to what it is asked, and to the document of the deployment. */
export interface Deceit {
  readonly document?: (document: object) => object;
  readonly path?: (path: string) => string;
  readonly fields?: (fields: Record<string, string>) => Record<string, string>;
}

/** An edge that passes on what it is asked, over AES-256 in place of the harness's AES-128. @returns its URL. */
export async function startEdgeBetween({ server }: Harness, { document, path, fields }: Deceit): Promise<string> {
  const between = createServer(async (request, response) => {
    const { url = '', method = '' } = request;
    // Java offers HTTP/2, which ends here.
    const { upgrade, connection, 'http2-settings': _, ...others } = request.headers;
    const headers = others as Record<string, string>;
    const body = method === 'POST' ? { body: await buffer(request) } : {};
    const answer = await server.fetch(`${edgeBetween}${path?.(url) ?? url}`, {
      method,
      headers: fields?.(headers) ?? headers,
      cf: { tlsCipher: 'AEAD-AES256-GCM-SHA384' },
      ...body,
    } as never);
    if (url === '/.well-known/cale' && document !== undefined) {
      response.end(JSON.stringify(document((await answer.json()) as object)));
    } else {
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    }
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void between.close());
  const edgeBetween = `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
  return edgeBetween;
}
