import { serve } from '@hono/node-server';
import { createOrigin, originOptionsFromSettings, withEdgeUrl } from 'cale-workers/origin';

const origin = createOrigin(originOptionsFromSettings(process.env));

/** Any (Request) → Response, which is told the client too. */
const app = (request, client) => Response.json({ owner: client.owner, path: new URL(request.url).pathname });

// Deno.serve and Bun.serve take the same function. `edge` is the URL that clients ask.
const edge = 'http://127.0.0.1:8787';
serve({ port: 5005, hostname: '127.0.0.1', fetch: (request) => origin.handle(withEdgeUrl(request, edge), app) });
