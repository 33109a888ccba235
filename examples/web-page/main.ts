import { CaleClient } from 'cale-workers/client';

const edge = 'http://127.0.0.1:8787';
const authorization = `Basic ${btoa('alice:wonderland')}`;

// Once, a key is made and registered. It stays in this browser, and cannot be exported.
const client = await CaleClient.loadOrRegister({ edge, authorization });

const response = await client.fetch('/resource');
const output = document.querySelector('output') as HTMLOutputElement;
output.value = response.ok ? await response.text() : `Refused: ${response.status}`;
