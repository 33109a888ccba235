/** A party that does not do its part, in the way that its variable says. */

import { env } from 'cloudflare:workers';

const { FAULT } = env as unknown as { FAULT: 'throws' | 'fails' | 'answers in the clear' };

export default {
  fetch() {
    if (FAULT === 'throws') throw new Error('secret reason in /srv/party.js');
    if (FAULT === 'fails') return new Response('secret reason', { status: 500 });
    return new Response('secret content', { headers: { 'Content-Type': 'text/plain' } });
  },
} satisfies ExportedHandler;
