/** Initiation (draft 4.1, B.1.2 and B.1.3): a CSR comes in with an identity, a GUID goes out, sealed to the CSR's key. */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { importRecipient } from '../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { equal, hex, utf8 } from '../../../shared/encoding/bytes.ts';
import { type Guid, newGuid } from '../../../shared/protocol/guid.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';
import { success } from '../../../shared/result.ts';
import { formatName } from '../../../shared/x509/name.ts';
import type { AuthorityConfig } from '../config.ts';
import { addToCatalogue, catalogueKey, entryMetadata } from '../credentials/catalogue.ts';
import type { Shards } from '../credentials/shards.ts';
import { encodeSubjectTemplate } from '../issuance/subject-template.ts';
import { type CsrResult, type VerifiedCsr, verifyCsr } from './csr-policy.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface Registration {
  /** The CSR, in DER, PEM or base64. */
  readonly body: Uint8Array<ArrayBuffer>;
  readonly identity: Identity;
  readonly encryption: ContentEncryptionName;
}

/**
 * @returns the sealed GUID in parts of DER, or the rule that the CSR broke. When it is the GUID, CSR and credential are
 *   both stored.
 */
export async function register(
  config: AuthorityConfig,
  shards: Shards,
  { body, identity, encryption }: Registration,
): Promise<CsrResult<readonly Uint8Array[]>> {
  const verified = await verifyCsr(body);
  if (!verified.ok) return verified;
  const csr = verified.value;
  if (config.anchors.some(({ name }) => equal(name, csr.subject))) {
    return { ok: false, fault: 'csr-bad-subject', detail: 'The subject is that of the authority.' };
  }
  const recipient = await importRecipient(csr.publicKey, csr.keyIdentifier);
  const guid = await store(config, shards, csr, identity);
  return success(await seal(recipient, encryption, utf8(guid)));
}

/** KV first, then the row: a crash between the two leaves a CSR that nothing points to, never a GUID without one. */
async function store(
  { catalogue, credentialLifetimeDays }: AuthorityConfig,
  shards: Shards,
  { der, subject, device, publicKey, keyIdentifier }: VerifiedCsr,
  identity: Identity,
): Promise<Guid> {
  const guid = newGuid();
  const key = await catalogueKey(guid);
  const registeredAt = Date.now();
  const shard = await shards.numberOf(guid);
  await addToCatalogue(catalogue, key, der, entryMetadata(guid, identity, shard, registeredAt));
  const registered = await shards.at(shard).register({
    guid,
    ...identity,
    device: formatName(device),
    keyType: publicKey.keyType,
    csrSha256: hex(new Uint8Array(await crypto.subtle.digest('SHA-256', der))),
    catalogueKey: key,
    template: encodeSubjectTemplate({ subject, publicKey, keyIdentifier, identity }),
    registeredAt,
    endsAt: credentialLifetimeDays === null ? null : registeredAt + credentialLifetimeDays * DAY_MS,
  });
  if (!registered) throw new Error('a random GUID was in use already');
  return guid;
}
