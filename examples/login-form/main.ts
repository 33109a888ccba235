import { CaleClient, CaleError } from 'cale-workers/client';

const edge = 'http://127.0.0.1:8787';
const form = element<HTMLFormElement>('login');

function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** The password goes to the edge this once. What stays here is a key that cannot be exported. */
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { user, password } = Object.fromEntries(new FormData(form)) as Record<string, string>;
  try {
    await show(await CaleClient.register({ edge, authorization: basic(`${user}:${password}`) }));
    form.reset();
  } catch (error) {
    const isWrong = error instanceof CaleError && error.refusal?.status === 401;
    element('problem').textContent = isWrong ? 'User name or password is wrong.' : String(error);
  }
});

/** HTTP Basic, in UTF-8: `btoa` takes bytes. */
function basic(credentials: string): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(credentials.normalize('NFC'))))}`;
}

async function show(client: CaleClient): Promise<void> {
  const response = await client.fetch('/resource');
  element('owner').textContent = client.owner ?? '';
  element('answer').textContent = await response.text();
  element('forget').onclick = async () => {
    await client.forget();
    location.reload();
  };
  form.hidden = true;
  element('account').hidden = false;
}

// Who logged in before is still logged in.
const client = await CaleClient.load({ edge });
if (client === undefined) form.hidden = false;
else await show(client);
