/** The client with an addition for programs outside of a browser: accounts in a folder. */

export * from './index.ts';
export { type FileFault, FileKeyStore, type FileKeyStoreOptions } from './stores/file.ts';
