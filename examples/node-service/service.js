import { createServer } from 'node:http';
import { CaleClient, FileKeyStore } from 'cale-workers/client/node';

const edge = 'http://127.0.0.1:8787';
const port = 5005;
const { CALE_BASIC, PASSPHRASE } = process.env;

// Several processes may start at once with one folder: they make one credential, and renew it before it ends.
const store = new FileKeyStore({ directory: 'keys', passphrase: PASSPHRASE });
const authorization = () => `Basic ${Buffer.from(CALE_BASIC).toString('base64')}`;
const client = await CaleClient.loadOrRegister({ edge, store, authorization, subject: 'a service' });

const server = createServer(async (request, response) => {
  if (request.url !== '/balance') return response.writeHead(404).end();
  try {
    const answer = await client.fetch('/resource', { signal: AbortSignal.timeout(5000) });
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
  } catch (error) {
    // `unreadable` means that the credential was revoked, or the answer altered: nothing of it is passed on.
    console.error(error.code ?? error.name, error.message);
    const retryAfter = error.refusal?.retryAfter;
    response.writeHead(502, retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }).end();
  }
});
server.listen(port, '127.0.0.1');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close());
