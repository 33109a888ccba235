/** All tools that interop is tested with. */

import { bouncyCastle } from './bouncy-castle.ts';
import { gnutls } from './gnutls.ts';
import { gpgsm } from './gpgsm.ts';
import { nodeCrypto } from './node.ts';
import { nss } from './nss.ts';
import { opensslTool } from './openssl.ts';
import { pkijs } from './pkijs.ts';
import { NEWER_SYSTEM, Place } from './place.ts';
import { python } from './python.ts';
import type { ForeignTool } from './tool.ts';

const HERE = 'Debian 12';
const NEWER = 'Debian 13';

/** A tool has a place of its own, because each fills its folder with files of the same names. */
const places: Place[] = [];
function place(root?: string): Place {
  const made = new Place(root);
  places.push(made);
  return made;
}

export const OPENSSL = opensslTool(place(), 'OpenSSL', `${HERE}: openssl`);
export const BOUNCY_CASTLE = bouncyCastle(place(), '/', 'Bouncy Castle', `${HERE}: libbcpkix-java`);
export const PYTHON = python(place(), 'Python', `${HERE}: python3-cryptography, python3-asn1crypto`);

/** Those of this machine, and then those that are newer. */
export const TOOLS: readonly ForeignTool[] = [
  OPENSSL,
  BOUNCY_CASTLE,
  PYTHON,
  nodeCrypto,
  pkijs,
  nss(place(), 'NSS', `${HERE}: libnss3-tools`, { opensCbc: false }),
  gpgsm(place(), 'gpgsm', `${HERE}: gpgsm`, { importsEc: false }),
  gnutls(place(), 'GnuTLS', `${HERE}: gnutls-bin`),
];

export const NEWER_TOOLS: readonly ForeignTool[] = [
  opensslTool(place(NEWER_SYSTEM), 'OpenSSL, newer', `${NEWER}: openssl`),
  bouncyCastle(place(), NEWER_SYSTEM, 'Bouncy Castle, newer', `${NEWER}: libbcpkix-java`),
  python(place(NEWER_SYSTEM), 'Python, newer', `${NEWER}: python3-cryptography, python3-asn1crypto`),
  nss(place(NEWER_SYSTEM), 'NSS, newer', `${NEWER}: libnss3-tools`, { opensCbc: true }),
  gpgsm(place(NEWER_SYSTEM), 'gpgsm, newer', `${NEWER}: gpgsm`, { importsEc: true }),
  gnutls(place(NEWER_SYSTEM), 'GnuTLS, newer', `${NEWER}: gnutls-bin`),
];

/** Ends what the tools started, and removes what they wrote. */
export async function closeTools(): Promise<void> {
  for (const each of [...TOOLS, ...NEWER_TOOLS]) await each.close?.();
  for (const each of places) each.remove();
}
