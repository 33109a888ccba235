/** Reading the certificate of a whoami answer (draft 4.3, B.3.3). */

import { keyIdentifier } from '../shared/crypto/keys/public-key.ts';
import { equal, parseUtf8 } from '../shared/encoding/bytes.ts';
import { EncodingError, tryParse } from '../shared/encoding/error.ts';
import { parsePem } from '../shared/encoding/pem.ts';
import { type ClientCertificateFault, verifyClientCertificate } from '../shared/protocol/client-certificate.ts';
import { formatName } from '../shared/x509/name.ts';
import type { Account } from './account.ts';
import { CaleError } from './errors.ts';
import { anchorsOf } from './trust.ts';

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
 * @returns undefined when it is not by a trusted authority: there may be a new one.
 * @throws {CaleError} `unreadable` unless it is a certificate for whoami, of the account's key, and for this request: one
 *   error, as when it cannot be opened, because an attacker could learn from a difference.
 */
export async function readWhoami(
  content: Uint8Array<ArrayBuffer>,
  account: Account,
  nonce: string,
  subtle: SubtleCrypto,
): Promise<Whoami | undefined> {
  const parsed = tryParse(() => parseWhoami(content));
  if (parsed === undefined) throw new CaleError('unreadable');
  const { pem, der } = parsed;
  const anchors = anchorsOf(account);
  const verified = await verifyClientCertificate(der, { anchors, now: Date.now(), purpose: 'whoami', subtle });
  if (!verified.ok) {
    if (OF_THE_AUTHORITY.includes(verified.fault)) return undefined;
    throw new CaleError('unreadable');
  }
  const client = verified.value;
  const identifier = await keyIdentifier(client.publicKey, subtle);
  if (client.nonce !== nonce || !equal(identifier, account.key.keyIdentifier)) throw new CaleError('unreadable');
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

const OF_THE_AUTHORITY: readonly ClientCertificateFault[] = ['issuer-unknown', 'authority-expired'];

/** @throws {EncodingError} when it is not one certificate in PEM. */
function parseWhoami(content: Uint8Array<ArrayBuffer>): { pem: string; der: Uint8Array<ArrayBuffer> } {
  const pem = parseUtf8(content);
  const [der, ...others] = parsePem('CERTIFICATE', pem);
  if (der === undefined || others.length > 0) throw new EncodingError('not one certificate');
  return { pem, der };
}
