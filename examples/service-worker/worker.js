import { CaleClient } from 'cale-workers/client';

const edge = 'http://127.0.0.1:8787';
const PREFIX = '/api';

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { origin, pathname, search } = new URL(event.request.url);
  const isForApi = origin === self.location.origin && pathname.startsWith(`${PREFIX}/`);
  if (isForApi) event.respondWith(answer(event.request, pathname.slice(PREFIX.length) + search));
});

async function answer(request, path) {
  const client = await CaleClient.load({ edge });
  if (client === undefined) return new Response('There is no account.', { status: 401 });
  const { method, headers } = request;
  const body = method === 'GET' || method === 'HEAD' ? undefined : await request.arrayBuffer();
  try {
    return await client.fetch(path, { method, headers, body });
  } catch (error) {
    return new Response(error.code ?? error.name, { status: 502 });
  }
}
