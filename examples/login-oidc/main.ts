import { CaleClient } from 'cale-workers/client';
import { logIn, tokenOfLogin } from './login.ts';

const edge = 'http://127.0.0.1:8787';
/** As the edge's BEARER_AUDIENCE. */
const audience = 'https://api.example.com';

const element = (id: string) => document.getElementById(id) as HTMLElement;

/** The account of before, or one that the token of a login registers. The token is not needed any more then. */
async function findClient(): Promise<CaleClient | undefined> {
  const token = await tokenOfLogin(audience);
  if (token === undefined) return CaleClient.load({ edge });
  return CaleClient.register({ edge, authorization: `Bearer ${token}` });
}

async function show(client: CaleClient): Promise<void> {
  const response = await client.fetch('/resource');
  element('owner').textContent = client.owner ?? '';
  element('answer').textContent = await response.text();
  element('forget').onclick = async () => {
    await client.forget();
    location.reload();
  };
  element('account').hidden = false;
}

element('login').onclick = () => logIn(audience);
try {
  const client = await findClient();
  if (client === undefined) element('login').hidden = false;
  else await show(client);
} catch (error) {
  element('problem').textContent = String(error);
  element('login').hidden = false;
}
