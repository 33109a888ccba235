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
