/** Reading the certificate of a whoami answer (draft 4.3, B.3.3). */

import { equal, fromUtf8 } from '../shared/bytes.ts';
import { readAuthorities } from '../shared/certificate/authority.ts';
import { checkCertificate } from '../shared/certificate/check.ts';
import { parseCertificate } from '../shared/certificate/parse.ts';
import { keyIdentifier, readPublicKey } from '../shared/keys/public-key.ts';
import { formatName } from '../shared/name/name.ts';
import { decodePemBlocks } from '../shared/wire/pem.ts';
import type { Account } from './account.ts';
import { CaleError } from './errors.ts';

/** Who a client is, as the authority says it. */
export interface Whoami {
  readonly owner: string;
  /** Domain name. */
  readonly organization: string;
  readonly scopes: readonly string[];
  /** What the device said of itself when it registered, as RFC 4514 writes it: `CN=my phone`. */
  readonly device: string;
  /** The certificate has expired when it is issued: it says who, and gives no access. */
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The certificate. */
  readonly pem: string;
}

/**
 * @param content of the answer: what should be a certificate in PEM.
 * @throws {CaleError} `not-trusted`, unless it is one of the account's key by the account's authority.
 */
export async function readWhoami(
  content: Uint8Array<ArrayBuffer>,
  { authorities, key }: Account,
  subtle: SubtleCrypto,
): Promise<Whoami> {
  try {
    const pem = fromUtf8(content);
    const [der = new Uint8Array(0)] = decodePemBlocks('CERTIFICATE', pem);
    // Judged by its own time: it had expired when it was issued.
    const { notBefore } = parseCertificate(der);
    const client = await checkCertificate(der, readAuthorities(authorities), notBefore, subtle);
    if ('fault' in client) throw new TypeError(client.fault);
    const { bits = new Uint8Array(0) } = readPublicKey(client.subjectPublicKeyInfo) ?? {};
    if (!equal(await keyIdentifier(bits, subtle), key.keyIdentifier)) throw new TypeError('another key');
    return {
      owner: client.owner,
      organization: client.organization,
      scopes: client.scopes,
      device: formatName(client.device),
      notBefore: new Date(client.notBefore),
      notAfter: new Date(client.notAfter),
      pem,
    };
  } catch {
    throw new CaleError('not-trusted');
  }
}
