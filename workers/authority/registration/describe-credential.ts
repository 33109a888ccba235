import type { NewCredential } from '../../../durable-objects/credential-shard/credential.ts';
import { hex } from '../../../shared/encoding/bytes.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';
import { formatName } from '../../../shared/x509/name.ts';
import { catalogueKey } from '../credentials/catalogue.ts';
import { encodeSubjectTemplate } from '../issuance/subject-template.ts';
import type { VerifiedCsr } from './csr-policy.ts';

/** The facts of a credential that are not in its CSR. Times are milliseconds since 1970. */
export interface CredentialFacts {
  readonly guid: Guid;
  readonly registeredAt: number;
  /** Null: it never ends. */
  readonly endsAt: number | null;
  /** Null: it renews none. */
  readonly supersedes: Guid | null;
  readonly revokedAt?: number | null;
  readonly lastUsedAt?: number | null;
}

/** @returns a credential as its shard stores it: the same when it is registered and when its row is rebuilt. */
export async function describeCredential(
  { der, subject, device, publicKey, keyIdentifier }: VerifiedCsr,
  identity: Identity,
  facts: CredentialFacts,
): Promise<NewCredential> {
  return {
    ...facts,
    ...identity,
    device: formatName(device),
    keyType: publicKey.keyType,
    csrSha256: await sha256(der),
    catalogueKey: await catalogueKey(facts.guid),
    template: encodeSubjectTemplate({ subject, publicKey, keyIdentifier, identity }),
  };
}

/** @returns the digest in hex. */
export const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> =>
  hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
