/** Initiation (draft 4.1, B.1.2 and B.1.3): a CSR comes in with an identity, a GUID goes out, sealed to the CSR's key. */

import { equal, hex, utf8 } from '../../shared/bytes.ts';
import { encodeProfile } from '../../shared/certificate/profile.ts';
import type { ContentEncryption } from '../../shared/ciphers.ts';
import { seal } from '../../shared/cms/seal.ts';
import { type CheckedCsr, checkCsr } from '../../shared/csr/check.ts';
import { decodeCsr } from '../../shared/csr/decode.ts';
import type { CsrFault } from '../../shared/csr/fault.ts';
import type { Identity } from '../../shared/identity.ts';
import { keyTypeName } from '../../shared/keys/public-key.ts';
import { importRecipient } from '../../shared/keys/recipient.ts';
import { formatName, readName } from '../../shared/name/name.ts';
import { type Guid, newGuid } from '../../shared/wire/guid.ts';
import { addToCatalogue, catalogueKey, entryMetadata } from './catalogue.ts';
import type { AuthorityConfig } from './config.ts';
import type { Shards } from './shards.ts';

/**
 * @param body of the registration, PEM or DER.
 * @returns the sealed GUID in parts of DER, or the rule that the CSR broke. When it is the GUID, CSR and credential are
 *   both stored.
 */
export async function register(
  config: AuthorityConfig,
  shards: Shards,
  body: Uint8Array<ArrayBuffer>,
  identity: Identity,
  encryption: ContentEncryption,
): Promise<readonly Uint8Array[] | { readonly fault: CsrFault }> {
  const der = decodeCsr(body);
  if ('fault' in der) return der;
  const csr = await checkCsr(der);
  if ('fault' in csr) return csr;
  if (config.authorities.some(({ name }) => equal(name, csr.subject))) return { fault: 'csr-bad-subject' };
  const recipient = await importRecipient(csr.subjectPublicKeyInfo);
  const guid = await store(config, shards, der, csr, identity);
  return seal(recipient, encryption, utf8(guid));
}

/** KV first, then the row: a crash between the two leaves a CSR that nothing points to, never a GUID without one. */
async function store(
  { catalogue }: AuthorityConfig,
  shards: Shards,
  der: Uint8Array<ArrayBuffer>,
  csr: CheckedCsr,
  identity: Identity,
): Promise<Guid> {
  const guid = newGuid();
  const key = await catalogueKey(guid);
  const registeredAt = Date.now();
  const { subject, subjectPublicKeyInfo, publicKey, keyIdentifier } = csr;
  await addToCatalogue(catalogue, key, der, entryMetadata(guid, identity, shards.numberOf(guid), registeredAt));
  const registered = await shards.of(guid).register({
    guid,
    ...identity,
    device: formatName(readName(subject)),
    keyType: keyTypeName(publicKey),
    csrSha256: hex(new Uint8Array(await crypto.subtle.digest('SHA-256', der))),
    catalogueKey: key,
    profile: encodeProfile(subject, subjectPublicKeyInfo, publicKey.algorithm, keyIdentifier, identity),
    registeredAt,
  });
  if (!registered) throw new Error('a random GUID was in use already');
  return guid;
}
