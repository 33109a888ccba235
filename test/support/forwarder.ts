/** An origin of the harness that stands somewhere else: it hands requests on to a server, with the URL that was asked for. */

import { env } from 'cloudflare:workers';

const { TARGET } = env as unknown as { readonly TARGET: string };

export default {
  fetch(request) {
    const headers = new Headers(request.headers);
    headers.set('X-Url', request.url);
    const { method, body } = request;
    return fetch(TARGET, { method, headers, body, redirect: 'manual' });
  },
} satisfies ExportedHandler;
