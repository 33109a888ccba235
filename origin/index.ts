/** The package's `cale-workers/origin`: a party behind the edge, for every `(Request) → Response`. */

export type { EcPublicKey } from '../shared/crypto/keys/ec.ts';
export type { PublicKey } from '../shared/crypto/keys/public-key.ts';
export type { RsaPublicKey } from '../shared/crypto/keys/rsa.ts';
export { EncodingError } from '../shared/encoding/error.ts';
export type { RequestLine, RequestOutcome } from '../shared/log.ts';
export type { ClientCertificate, ClientCertificateFault } from '../shared/protocol/client-certificate.ts';
export { ConfigError } from '../shared/settings.ts';
export type { Attribute, Name } from '../shared/x509/name.ts';
export type { CertificateFault } from '../shared/x509/verify.ts';
export type { DecoyOptions, DecoyStorage } from './decoys/decoys.ts';
export type { ExampleAnswer } from './decoys/examples.ts';
export { createKvStorage, type TextNamespace } from './decoys/kv-storage.ts';
export { withEdgeUrl } from './edge-url.ts';
export type { KeyAndCertificates } from './keys.ts';
export type { OriginOptions, UnsafeMethods } from './options.ts';
export { type Application, createOrigin, type Framework, type Origin } from './origin.ts';
export type { Client } from './prepare.ts';
export type { SealedProblem } from './problems.ts';
export type { Refusal } from './refusal.ts';
export { originOptionsFromSettings } from './settings.ts';
