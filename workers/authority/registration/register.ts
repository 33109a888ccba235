/** Initiation (draft 4.1, B.1.2 and B.1.3): a CSR comes in with an identity, a GUID goes out, sealed to the CSR's key. */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { importRecipient } from '../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { equal, utf8 } from '../../../shared/encoding/bytes.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';
import type { RequestTrace } from '../../../shared/protocol/request-trace.ts';
import { success } from '../../../shared/result.ts';
import type { AuthorityConfig } from '../config.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { type CsrResult, verifyCsr } from './csr-policy.ts';
import { type Stored, storeCredential } from './store.ts';

export interface Registration {
  /** The CSR, in DER, PEM or base64. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly identity: Identity;
  readonly encryption: ContentEncryptionName;
  /** The credential that is renewed; null for none. */
  readonly supersedes: Guid | null;
  readonly trace: RequestTrace;
}

/** The outcome of a registration: as {@link Stored}, with the GUID sealed. */
export type Registered =
  | Exclude<Stored, { outcome: 'stored' }>
  /** DER of the sealed GUID, in parts. CSR and credential are both stored. */
  | { readonly outcome: 'registered'; readonly parts: readonly Uint8Array[] };

/** @returns the outcome, or the rule that the CSR broke. */
export async function register(
  config: AuthorityConfig,
  credentials: Credentials,
  { body, identity, encryption, supersedes, trace }: Registration,
): Promise<CsrResult<Registered>> {
  const verified = await verifyCsr(body);
  if (!verified.ok) return verified;
  const csr = verified.value;
  trace.keyType = csr.publicKey.keyType;
  if (config.anchors.some(({ name }) => equal(name, csr.subject))) {
    return { ok: false, fault: 'csr-bad-subject', detail: 'The subject is that of the authority.' };
  }
  const recipient = await importRecipient(csr.publicKey, csr.keyIdentifier);
  const stored = await storeCredential(config, credentials, { csr, identity, supersedes, trace });
  if (stored.outcome !== 'stored') return success(stored);
  return success({ outcome: 'registered', parts: await seal(recipient, encryption, utf8(stored.guid)) });
}
