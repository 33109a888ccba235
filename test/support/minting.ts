/** Certificates of any content, made where the tests run: in Node, in workerd and in Chromium. */

import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { keyIdentifier, parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { preferredScheme } from '../../shared/crypto/signatures/schemes.ts';
import { encodeTime } from '../../shared/encoding/der/time.ts';
import {
  BOOLEAN_TRUE,
  bitString,
  context,
  encode,
  objectIdentifier,
  octetString,
  sequence,
  smallInteger,
  unsignedInteger,
} from '../../shared/encoding/der/writer.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import {
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  encodeAuthorityKeyIdentifier,
  encodeExtension,
  ID_KP_SERVER_AUTH,
  KEY_USAGE,
  SUBJECT_KEY_IDENTIFIER,
} from '../../shared/x509/extensions.ts';
import { encodeKeyUsage, type KeyUsage } from '../../shared/x509/key-usage.ts';
import { encodeCommonName } from '../../shared/x509/name.ts';
import { parseTrustAnchor } from '../../shared/x509/trust-anchor.ts';
import { type Issuer, importIssuer } from '../../workers/authority/issuance/issuer.ts';
import { createKey, type TestKey } from './keys.ts';

const HOUR_MS = 60 * 60 * 1000;

/** A key and its certificate in PEM. */
export interface Certified {
  readonly key: TestKey;
  readonly certificate: string;
}

/** The fields in which certificates differ from that of an origin's key that signs. */
export interface CertificateFields {
  readonly keyUsage?: KeyUsage;
  /** Dotted OIDs; none for no extension. */
  readonly extKeyUsage?: readonly string[];
  readonly isCa?: boolean;
  /** DER of further extensions. */
  readonly more?: readonly Uint8Array[];
  /** Hours from now. */
  readonly notBefore?: number;
  /** Hours from now. */
  readonly notAfter?: number;
}

export interface TestAuthority {
  readonly issuer: Issuer;
  /** In PEM. */
  readonly certificate: string;
}

/** @param authority key (PKCS#8) and certificate in PEM. */
export async function importAuthority(authority: { key: string; certificate: string }): Promise<TestAuthority> {
  const [[certificate], [pkcs8]] = [
    parsePem('CERTIFICATE', authority.certificate),
    parsePem('PRIVATE KEY', authority.key),
  ];
  if (certificate === undefined || pkcs8 === undefined) throw new TypeError('no authority');
  const issuer = await importIssuer(parseTrustAnchor(certificate), pkcs8);
  return { issuer, certificate: encodePem('CERTIFICATE', certificate) };
}

/** An authority with a key of its own, under the name of another. */
export async function createRogueAuthority(authority: TestAuthority): Promise<TestAuthority> {
  const key = await createKey('P-256');
  const { issuer } = await impersonate(authority, key);
  const der = await encodeCertificate(issuer, issuer.anchor.name, key, { isCa: true, keyUsage: 'keyCertSign' });
  const anchor = parseTrustAnchor(der);
  const authorityKeyIdentifier = encodeAuthorityKeyIdentifier(anchor.keyIdentifier);
  return { issuer: { ...issuer, anchor, authorityKeyIdentifier }, certificate: encodePem('CERTIFICATE', der) };
}

/** The authority without its key: it names itself as the real one does, and signs with another key. */
export async function impersonate({ issuer, certificate }: TestAuthority, key?: TestKey): Promise<TestAuthority> {
  const { publicKey, pair } = key ?? (await createKey('P-256'));
  const anchor = { ...issuer.anchor, publicKey, scheme: preferredScheme(publicKey) };
  return { issuer: { ...issuer, anchor, key: pair.privateKey }, certificate };
}

/** @returns a new key with a certificate by the authority: an origin's for signing, where `fields` say nothing else. */
export async function certify(
  { issuer }: TestAuthority,
  fields: CertificateFields = {},
  keyType: KeyType = 'P-256',
): Promise<Certified> {
  const key = await createKey(keyType);
  const der = await encodeCertificate(issuer, encodeCommonName('origin'), key, fields);
  return { key, certificate: encodePem('CERTIFICATE', der) };
}

async function encodeCertificate(
  { anchor, key: signingKey, authorityKeyIdentifier }: Issuer,
  subject: Uint8Array,
  { spki }: TestKey,
  {
    keyUsage = 'digitalSignature',
    extKeyUsage = [ID_KP_SERVER_AUTH],
    isCa = false,
    more = [],
    notBefore = -1,
    notAfter = 1,
  }: CertificateFields,
): Promise<Uint8Array<ArrayBuffer>> {
  const { scheme, name } = anchor;
  const identifier = await keyIdentifier(parsePublicKey(spki));
  const hours = (number: number) => encodeTime(Date.now() + number * HOUR_MS);
  const extensions = [
    encodeExtension(BASIC_CONSTRAINTS, isCa ? sequence(BOOLEAN_TRUE) : sequence(), true),
    encodeExtension(KEY_USAGE, encodeKeyUsage(keyUsage), true),
    encodeExtension(SUBJECT_KEY_IDENTIFIER, octetString(identifier)),
    authorityKeyIdentifier,
    ...(extKeyUsage.length > 0 ? [encodeExtension(EXT_KEY_USAGE, sequence(...extKeyUsage.map(objectIdentifier)))] : []),
    ...more,
  ];
  const tbs = encode(
    sequence(
      context(0, smallInteger(2)),
      unsignedInteger(crypto.getRandomValues(new Uint8Array(16))),
      scheme.algorithmIdentifier,
      name,
      sequence(hours(notBefore), hours(notAfter)),
      subject,
      spki,
      context(3, sequence(...extensions)),
    ),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(scheme.algorithm, signingKey, tbs));
  return encode(sequence(tbs, scheme.algorithmIdentifier, bitString(scheme.toDer(signature))));
}
