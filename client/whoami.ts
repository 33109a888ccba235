/** Reading the certificate of a whoami answer (draft 4.3, B.3.3). */

import { keyIdentifier } from '../shared/crypto/keys/public-key.ts';
import { equal, parseUtf8 } from '../shared/encoding/bytes.ts';
import { tryParse } from '../shared/encoding/error.ts';
import { parsePem } from '../shared/encoding/pem.ts';
import { verifyClientCertificate } from '../shared/protocol/client-certificate.ts';
import { parseCertificate } from '../shared/x509/certificate.ts';
import { formatName } from '../shared/x509/name.ts';
import { parseTrustAnchors } from '../shared/x509/trust-anchor.ts';
import type { Account } from './account.ts';
import { CaleError } from './errors.ts';

/** The identity of a client, as the authority says it. */
export interface Whoami {
  readonly owner: string;
  /** Domain name. */
  readonly organization: string;
  readonly scopes: readonly string[];
  /** The device's own description when it registered, as RFC 4514 writes it: `CN=my phone`. */
  readonly device: string;
  /** The certificate has expired when it is issued: it names the client, and gives no access. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The certificate. */
  readonly pem: string;
}

/**
 * @param content of the answer: what should be a certificate in PEM.
 * @throws {CaleError} `unreadable` when it is no certificate, as when it cannot be opened, because a difference would
 *   tell an attacker what altered content opens to; `not-trusted`, unless it is one of the account's key by the
 *   account's authority.
 */
export async function readWhoami(
  content: Uint8Array<ArrayBuffer>,
  { authorities, key }: Account,
  subtle: SubtleCrypto,
): Promise<Whoami> {
  const parsed = tryParse(() => parseWhoami(content));
  if (parsed === undefined) throw new CaleError('unreadable');
  const { pem, der } = parsed;
  // Judged by its own time: it had expired when it was issued.
  const now = parsed.certificate.notBefore;
  const verified = await verifyClientCertificate(der, { anchors: parseTrustAnchors(authorities), now, subtle });
  if (!verified.ok) throw new CaleError('not-trusted');
  const client = verified.value;
  if (!equal(await keyIdentifier(client.publicKey, subtle), key.keyIdentifier)) throw new CaleError('not-trusted');
  return {
    owner: client.owner,
    organization: client.organization,
    scopes: client.scopes,
    device: formatName(client.device),
    notBefore: new Date(client.notBefore),
    notAfter: new Date(client.notAfter),
    pem,
  };
}

/** @throws {EncodingError} when it is not one certificate in PEM. */
function parseWhoami(content: Uint8Array<ArrayBuffer>) {
  const pem = parseUtf8(content);
  const [der = new Uint8Array(0)] = parsePem('CERTIFICATE', pem);
  return { pem, der, certificate: parseCertificate(der) };
}
