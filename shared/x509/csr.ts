/** CSRs (RFC 2986): reading one, the proof of possession in it, and writing one. */

import { type PublicKey, parsePublicKey } from '../crypto/keys/public-key.ts';
import type { SignatureScheme } from '../crypto/signatures/scheme.ts';
import { preferredScheme } from '../crypto/signatures/schemes.ts';
import { DerError } from '../encoding/der/error.ts';
import { DerReader } from '../encoding/der/reader.ts';
import { bitString, context, encode, sequence, smallInteger } from '../encoding/der/writer.ts';
import { tryParse } from '../encoding/error.ts';
import { encodeCommonName } from './name.ts';

export interface Csr {
  /** DER of the CertificationRequestInfo, which the signature is over. */
  readonly info: Uint8Array<ArrayBuffer>;
  /** DER of the Name. */
  readonly subject: Uint8Array<ArrayBuffer>;
  /** DER of the SubjectPublicKeyInfo. */
  readonly spki: Uint8Array<ArrayBuffer>;
  /** DER of the AlgorithmIdentifier. */
  readonly signatureAlgorithm: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** Bytes after the CertificationRequest. */
  readonly trailing: Uint8Array<ArrayBuffer>;
}

/** Elements inside of elements: attributes of real CSRs have some eight levels. */
const MAX_DEPTH = 16;

/**
 * Reads only DER, because a signature is over DER (RFC 2986 4.2). Attributes have to be DER and are not looked into.
 * @throws {DerError} when it is not a CertificationRequest.
 */
export function parseCsr(der: Uint8Array<ArrayBuffer>): Csr {
  const whole = new DerReader(der);
  const request = whole.sequence();
  const info = request.wholeSequence();
  const signatureAlgorithm = request.wholeSequence().encoding;
  const signature = request.bitString();
  request.end();
  const fields = info.enter();
  if (fields.smallInteger() !== 0) throw new DerError('version');
  const subject = fields.wholeSequence().encoding;
  const spki = fields.wholeSequence().encoding;
  const attributes = fields.optionalContext(0);
  if (attributes !== undefined) expectDer(attributes, MAX_DEPTH);
  fields.end();
  return { info: info.encoding, subject, spki, signatureAlgorithm, signature, trailing: whole.rest() };
}

/** @throws {DerError} when an element is not in DER, or lies deeper than `depth`. */
function expectDer(reader: DerReader, depth: number): void {
  if (depth === 0) throw new DerError('elements nested too deeply');
  while (!reader.done) {
    const element = reader.next();
    if (element.isConstructed) expectDer(element.enter(), depth - 1);
  }
}

/** True when the CSR is signed by its own key: its sender has the private key. */
export async function isSignedByOwnKey(
  { info, signature }: Csr,
  key: PublicKey,
  scheme: SignatureScheme,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<boolean> {
  const raw = tryParse(() => scheme.fromDer(signature));
  if (raw === undefined) return false;
  const imported = await subtle.importKey('spki', key.spki, scheme.keyAlgorithm, false, ['verify']).catch(isNoKey);
  return imported !== undefined && subtle.verify(scheme.algorithm, imported, raw, info);
}

/** WebCrypto refuses a key that is not valid, such as a point off its curve, by a DataError. */
function isNoKey(error: unknown): undefined {
  if (error instanceof Error && error.name === 'DataError') return undefined;
  throw error;
}

const VERSION = smallInteger(0);

/**
 * @param keyPair of a type that signs: ECDSA on an accepted curve, or RSASSA-PKCS1-v1_5 with SHA-256.
 * @param commonName of the subject: the device's own description. Empty for an empty subject.
 * @param subtle the WebCrypto that the keys are of.
 * @returns DER of the CertificationRequest.
 */
export async function createCsr(
  keyPair: CryptoKeyPair,
  commonName: string,
  subtle: SubtleCrypto = crypto.subtle,
): Promise<Uint8Array<ArrayBuffer>> {
  const spki = new Uint8Array((await subtle.exportKey('spki', keyPair.publicKey)) as ArrayBuffer);
  const scheme = preferredScheme(parsePublicKey(spki));
  const info = encode(sequence(VERSION, encodeCommonName(commonName), spki, context(0)));
  const signature = new Uint8Array(await subtle.sign(scheme.algorithm, keyPair.privateKey, info));
  return encode(sequence(info, scheme.algorithmIdentifier, bitString(scheme.toDer(signature))));
}
