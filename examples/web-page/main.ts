import { CaleClient } from 'cale-workers/client';

const edge = 'http://127.0.0.1:8787';
const authorization = `Basic ${btoa('alice:wonderland')}`;

// Once, a key is made and registered. It stays in this browser, and cannot be exported.
const client = await CaleClient.loadOrRegister({ edge, authorization });

const response = await client.fetch('/resource');

// A write is signed by the same key. Every answer is verified: the origin signed it, for this request.
const written = await client.fetch('/echo', { method: 'POST', body: 'hello' });

// Whom the authority certifies this key for.
const { owner } = await client.whoami();

const output = document.querySelector('output') as HTMLOutputElement;
output.value = [response, written].every(({ ok }) => ok)
  ? JSON.stringify({ owner, read: await response.json(), written: await written.json() })
  : `Refused: ${response.status}, ${written.status}`;
