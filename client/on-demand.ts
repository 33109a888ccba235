/**
 * The rare parts of the client, which a page does not load before it needs one: registration, renewal, credentials. They are
 * one module, because a bundler cuts the rest of the client in pieces along what each of several modules shares with it.
 */

export { importAccountKey } from './device-key.ts';
export { listCredentials, revokeByProof, revokeCredential, revokeOwn } from './exchange/credentials.ts';
export { sealRequest } from './exchange/seal-request.ts';
export { registerAccount } from './registration.ts';
export { findRenewed, prove, renew, renewWhenDue } from './renewal.ts';
export { readWhoami } from './whoami.ts';
