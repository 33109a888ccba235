/** CSRs (RFC 2986): reading one, and writing one. */

import { parsePublicKey } from '../crypto/keys/public-key.ts';
import { preferredScheme } from '../crypto/signatures/schemes.ts';
import { hex } from '../encoding/bytes.ts';
import { assertDer } from '../encoding/der/assert-der.ts';
import { DerError } from '../encoding/der/error.ts';
import { DerReader } from '../encoding/der/reader.ts';
import { contextTag } from '../encoding/der/tag.ts';
import { bitString, context, encode, sequence, smallInteger } from '../encoding/der/writer.ts';
import { EncodingError } from '../encoding/error.ts';
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

/**
 * Reads only DER, because a signature is over DER (RFC 2986 4.2). Values of attributes are not looked into further.
 * @throws {DerError} when it is not a CertificationRequest. The message names the field, and the byte of `der`.
 */
export function parseCsr(der: Uint8Array<ArrayBuffer>): Csr {
  const whole = new DerReader(der);
  const request = field('request', () => whole.sequence());
  const info = field('certificationRequestInfo', () => request.wholeSequence());
  const signatureAlgorithm = field('signatureAlgorithm', () => request.wholeSequence().encoding);
  const signature = field('signature', () => request.bitString());
  field('request', () => request.end());
  const fields = info.enter();
  field('version', () => expectVersion(fields));
  const subject = field('subject', () => fields.wholeSequence().encoding);
  const spki = field('subjectPKInfo', () => fields.wholeSequence().encoding);
  field('attributes', () => expectAttributes(fields));
  field('certificationRequestInfo', () => fields.end());
  return { info: info.encoding, subject, spki, signatureAlgorithm, signature, trailing: whole.rest() };
}

/** @throws {DerError} with the name of the field before what `parse` says. */
function field<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof EncodingError ? new DerError(`${name}: ${error.message}`) : error;
  }
}

/** The one version that there is, v1 (RFC 2986 4.1). Some tools write 2, which is v3 of a certificate. */
function expectVersion(fields: DerReader): void {
  const version = fields.unsignedInteger();
  if (version.length !== 1 || version[0] !== 0) {
    throw new DerError(`it is 0x${hex(version.subarray(-4))}, and has to be 0 (v1, RFC 2986 4.1)`);
  }
}

/** Makes sure that all is DER, and that each attribute is a type and at least one value (RFC 2986 4.1). */
function expectAttributes(fields: DerReader): void {
  if (fields.tag !== contextTag(0)) return;
  const attributes = fields.next();
  assertDer(attributes.enter(), true);
  const each = attributes.enter();
  while (!each.done) {
    const attribute = each.sequence();
    attribute.objectIdentifier();
    if (attribute.set().done) throw new DerError('an attribute has no value');
    attribute.end();
  }
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
