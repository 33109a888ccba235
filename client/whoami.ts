/** Reading the certificate of a whoami answer (draft 4.3, B.3.3). */

import { keyIdentifier } from '../shared/crypto/keys/public-key.ts';
import { equal, parseUtf8 } from '../shared/encoding/bytes.ts';
import { EncodingError, tryParse } from '../shared/encoding/error.ts';
import { parsePem } from '../shared/encoding/pem.ts';
import { verifyClientCertificate } from '../shared/protocol/client-certificate.ts';
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
  /** The certificate ended before it was issued: it names the client, and gives no access. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The certificate. */
  readonly pem: string;
}

/**
 * @param content of the answer: what should be a certificate in PEM.
 * @param nonce of the request, which the certificate has to repeat.
 * @throws {CaleError} `unreadable` unless it is a certificate for whoami, of the account's key, by a pinned authority, and
 *   for this request: one error, as when it cannot be opened, because an attacker could learn from a difference.
 */
export async function readWhoami(
  content: Uint8Array<ArrayBuffer>,
  { authorities, key }: Account,
  nonce: string,
  subtle: SubtleCrypto,
): Promise<Whoami> {
  const parsed = tryParse(() => parseWhoami(content));
  if (parsed === undefined) throw new CaleError('unreadable');
  const { pem, der } = parsed;
  const anchors = parseTrustAnchors(authorities);
  const verified = await verifyClientCertificate(der, { anchors, now: Date.now(), purpose: 'whoami', subtle });
  if (!verified.ok) throw new CaleError('unreadable');
  const client = verified.value;
  const identifier = await keyIdentifier(client.publicKey, subtle);
  if (client.nonce !== nonce || !equal(identifier, key.keyIdentifier)) throw new CaleError('unreadable');
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
function parseWhoami(content: Uint8Array<ArrayBuffer>): { pem: string; der: Uint8Array<ArrayBuffer> } {
  const pem = parseUtf8(content);
  const [der, ...others] = parsePem('CERTIFICATE', pem);
  if (der === undefined || others.length > 0) throw new EncodingError('not one certificate');
  return { pem, der };
}
