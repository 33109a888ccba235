/** Letting a request in (draft 4.2): by the certificate in `CALE-PEM`, and for an answer as its `Cipher` says. */

import type { ContentEncryptionName } from '../shared/cms/content-encryption.ts';
import { tryParse } from '../shared/encoding/error.ts';
import { parseCalePem } from '../shared/protocol/cale-pem.ts';
import { type ClientCertificate, verifyClientCertificate } from '../shared/protocol/client-certificate.ts';
import { CALE_NONCE, CALE_PEM, CIPHER } from '../shared/protocol/headers.ts';
import { contentEncryptionFor } from '../shared/protocol/tls-ciphers.ts';
import { failure, type Result, success } from '../shared/result.ts';
import type { Party } from './options.ts';
import type { Refusal } from './refusal.ts';

/** A request that was let in. */
export interface Admission {
  readonly client: ClientCertificate;
  /** The encryption of the answer; undefined for one in the clear (B.2.5). */
  readonly encryption: ContentEncryptionName | undefined;
}

/** Verifies the certificate of a request. No other party is called. */
export async function admit(
  { headers }: Request,
  { anchors, answers, subjects }: Pick<Party, 'anchors' | 'answers' | 'subjects'>,
): Promise<Result<Admission, Refusal>> {
  const field = headers.get(CALE_PEM);
  const der = field === null ? undefined : tryParse(() => parseCalePem(field));
  if (der === undefined) return failure('certificate-missing');
  const verified = await verifyClientCertificate(der, {
    anchors,
    now: Date.now(),
    purpose: 'requestOrDecoy',
    subjects,
  });
  if (!verified.ok) return verified;
  const client = verified.value;
  // Nothing that is answered in the clear could stand for a decoy.
  if (client.isDecoy && answers === 'clear') return failure('certificate-for-a-decoy');
  if (client.nonce !== undefined && client.nonce !== headers.get(CALE_NONCE)) {
    return failure('certificate-of-another-request');
  }
  const cipher = headers.get(CIPHER);
  if (answers === 'clear')
    return cipher === null ? success({ client, encryption: undefined }) : failure('cipher-not-expected');
  if (cipher === null) return failure('cipher-missing');
  const encryption = contentEncryptionFor(cipher);
  return encryption === undefined ? failure('cipher-not-accepted') : success({ client, encryption });
}
