/** The origin: your API. What it answers is signed and sealed for the client that asks. */

import { env, waitUntil } from 'cloudflare:workers';
import { originOptionsFromSettings } from 'cale-workers/origin';
import { type CaleEnv, seal } from 'cale-workers/origin/hono';
import { Hono } from 'hono';

const app = seal(new Hono<CaleEnv>(), originOptionsFromSettings(env, waitUntil));

app.get('/resource', async (c) => {
  const { owner, scopes } = c.var.client;
  return c.json({ owner, scopes, stock: await stock(c.req.raw.headers) });
});

// A write. The client has signed it: nothing more needs to be checked here than what the client may do.
app.post('/orders', async (c) => {
  const { owner, scopes } = c.var.client;
  if (!scopes.includes('write')) return c.json({ error: 'scope write is needed' }, 403);
  return c.json({ owner, order: await c.req.json() }, 201);
});

/** Asks the resource server, which believes the certificate that came with the request. */
async function stock(received: Headers): Promise<unknown> {
  const headers = new Headers();
  for (const name of ['CALE-PEM', 'CALE-Nonce']) {
    const value = received.get(name);
    if (value !== null) headers.set(name, value);
  }
  const response = await env.RESOURCE.fetch('https://resource/stock', { headers });
  if (!response.ok) throw new Error(`the resource server answered ${response.status}`);
  return response.json();
}

export default app;
