/** The client of CALE, for browsers, React Native, Node, Deno, Bun and Workers. */

export type { Account, AccountId, AccountInfo, KeyStore } from './account.ts';
export { type Authorization, CaleClient, type LoadOptions, type RegisterOptions } from './client.ts';
export type { KeyType } from './device-key.ts';
export { CaleError, type CaleErrorCode, type Refusal } from './errors.ts';
export { IndexedDbKeyStore } from './stores/indexed-db.ts';
export { MemoryKeyStore } from './stores/memory.ts';
export type { Whoami } from './whoami.ts';
