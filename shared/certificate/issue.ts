/** Issuing a client certificate (draft 4.2, RFC 5280 4.1). */

import { utf8 } from '../bytes.ts';
import { bitString, context, encode, sequence, smallInteger, unsignedInteger } from '../der/write.ts';
import type { Authority } from './authority.ts';
import { encodeAuthorityKeyIdentifier, type Profile, profileFields } from './profile.ts';

/** An authority that can sign: its public side, its key, and what is the same in all that it issues. */
export interface Issuer {
  readonly authority: Authority;
  /** Private key for `sign`, of the authority's scheme. */
  readonly key: CryptoKey;
  /** DER of the authorityKeyIdentifier extension. */
  readonly authorityKeyIdentifier: Uint8Array;
}

/**
 * @param pkcs8 DER of the PrivateKeyInfo that belongs to the authority's certificate.
 * @throws {TypeError} when it is not that key.
 */
export async function importIssuer(authority: Authority, pkcs8: Uint8Array<ArrayBuffer>): Promise<Issuer> {
  const key = await importMatchingKey(authority, pkcs8).catch(() => undefined);
  if (key === undefined) throw new TypeError('the key is not that of the first certificate');
  return { authority, key, authorityKeyIdentifier: encodeAuthorityKeyIdentifier(authority.keyIdentifier) };
}

async function importMatchingKey(
  { scheme, subjectPublicKeyInfo }: Authority,
  pkcs8: Uint8Array<ArrayBuffer>,
): Promise<CryptoKey | undefined> {
  const algorithm = scheme.keyAlgorithm;
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  const publicKey = await crypto.subtle.importKey('spki', subjectPublicKeyInfo, algorithm, false, ['verify']);
  const probe = utf8('does the key belong to the certificate?');
  const signature = await crypto.subtle.sign(algorithm, key, probe);
  return (await crypto.subtle.verify(algorithm, publicKey, signature, probe)) ? key : undefined;
}

const V3 = encode(context(0, smallInteger(2)));
const SERIAL_OCTETS = 16;

/**
 * @param notBefore milliseconds since 1970; cut to whole seconds.
 * @param lifetimeSeconds from notBefore to notAfter; 0 for a certificate that expires at once (draft 4.3).
 * @returns DER of the certificate.
 */
export async function issueCertificate(
  issuer: Issuer,
  profile: Profile,
  notBefore: number,
  lifetimeSeconds: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { scheme, name } = issuer.authority;
  const { subject, subjectPublicKeyInfo, extensions } = profileFields(profile);
  const serialNumber = crypto.getRandomValues(new Uint8Array(SERIAL_OCTETS));
  const tbs = encode(
    sequence(
      V3,
      unsignedInteger(serialNumber),
      scheme.algorithmIdentifier,
      name,
      validity(notBefore, lifetimeSeconds),
      subject,
      subjectPublicKeyInfo,
      context(3, sequence(extensions, issuer.authorityKeyIdentifier)),
    ),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(scheme.keyAlgorithm, issuer.key, tbs));
  return encode(sequence(tbs, scheme.algorithmIdentifier, bitString(scheme.toDer(signature))));
}

/** All certificates of one second have the same Validity; it is encoded once. */
let lastValidity = { second: Number.NaN, lifetimeSeconds: 0, der: new Uint8Array(0) };

function validity(notBefore: number, lifetimeSeconds: number): Uint8Array {
  const second = Math.floor(notBefore / 1000);
  if (second !== lastValidity.second || lifetimeSeconds !== lastValidity.lifetimeSeconds) {
    const der = encode(sequence(time(second * 1000), time((second + lifetimeSeconds) * 1000)));
    lastValidity = { second, lifetimeSeconds, der };
  }
  return lastValidity.der;
}

const ZULU = 0x5a;

/** UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). */
function time(milliseconds: number): Uint8Array {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  const isUtcTime = year < 2050;
  const numbers = [year % 100, date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes()];
  if (!isUtcTime) numbers.unshift(Math.floor(year / 100));
  numbers.push(date.getUTCSeconds());
  const out = new Uint8Array(2 + 2 * numbers.length + 1);
  out[0] = isUtcTime ? 0x17 : 0x18;
  out[1] = out.length - 2;
  numbers.forEach((number, at) => {
    out[2 + 2 * at] = 0x30 + Math.floor(number / 10);
    out[3 + 2 * at] = 0x30 + (number % 10);
  });
  out[out.length - 1] = ZULU;
  return out;
}
