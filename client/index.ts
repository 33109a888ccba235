/** The client of CALE, for browsers, React Native, Node, Deno, Bun and Workers. */

export type { KeyType } from '../shared/crypto/keys/key-types.ts';
export type { Account, AccountId, AccountInfo, AccountKey, KeyStore, OriginCertificates } from './account.ts';
export { CaleClient } from './client.ts';
export type { CredentialInfo } from './credential-info.ts';
export { CaleError, type CaleErrorCode, type CaleErrorOptions, type Refusal } from './errors.ts';
export type { CaleRequestInit } from './exchange/fetch.ts';
export type { WebCrypto } from './exchange/send.ts';
export { importAccountKey } from './import-account-key.ts';
export type {
  Authorization,
  ForgetOptions,
  LoadOptions,
  RegisterOptions,
  RenewOptions,
  RevokeOptions,
} from './options.ts';
export { IndexedDbKeyStore } from './stores/indexed-db.ts';
export { MemoryKeyStore } from './stores/memory.ts';
export type { Whoami } from './whoami.ts';
