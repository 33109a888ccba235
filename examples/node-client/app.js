import { CaleClient, FileKeyStore } from 'cale-workers/client/node';

const edge = 'http://127.0.0.1:8787';
const store = new FileKeyStore({ directory: 'keys', passphrase: process.env.PASSPHRASE });
const authorization = `Basic ${Buffer.from('alice:wonderland').toString('base64')}`;
const client = await CaleClient.loadOrRegister({ edge, store, authorization });

console.log(await (await client.fetch('/resource')).json());

// A write is signed. With `seal`, only the origin can read it.
const init = { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'hello', seal: true };
console.log(await (await client.fetch('/echo', init)).json());

// Whom the authority certifies this key for.
console.log(await client.whoami());
