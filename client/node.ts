/** What programs outside of a browser want beside the client: accounts in a folder. */

export * from './index.ts';
export { FileKeyStore, type FileKeyStoreOptions } from './stores/file.ts';
