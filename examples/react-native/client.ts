import 'react-native-url-polyfill/auto';
import { CaleClient } from 'cale-workers/client';
import crypto from 'react-native-quick-crypto';
import { KeychainStore } from './keychain-store.ts';

const edge = 'https://api.example.com';
const store = new KeychainStore(crypto);

/** @param askForToken shows a login, and is called only when there is no account yet. */
export const openClient = (askForToken: () => Promise<string>): Promise<CaleClient> =>
  CaleClient.loadOrRegister({
    edge,
    store,
    crypto,
    subject: 'a phone',
    authorization: async () => `Bearer ${await askForToken()}`,
  });

/** A payment: who pays, by the authority's certificate, and a signed write. Every answer is verified. */
export async function pay(client: CaleClient, to: string, amount: number): Promise<string> {
  const { owner } = await client.whoami();
  const headers = { 'Content-Type': 'application/json' };
  const response = await client.fetch('/payments', { method: 'POST', headers, body: JSON.stringify({ to, amount }) });
  return response.ok ? `${owner} has paid ${amount} to ${to}.` : `The bank answered ${response.status}.`;
}
