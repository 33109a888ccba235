/** The template of certificates that an unknown GUID would have: for its length, and for the cost of issuing. */

import { type Decoy, type DecoyKey, deriveDecoyBytes } from '../../../shared/protocol/decoy.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import { encodeCommonName } from '../../../shared/x509/name.ts';
import { encodeSubjectTemplate, type SubjectTemplate } from './subject-template.ts';

/** Bounds of the lengths that are drawn, in characters: the owner's name and the device's. */
const OWNER = { least: 3, most: 12 };
const DEVICE = { least: 6, most: 24 };
const MAX_SCOPES = 2;
const SCOPES = ['read', 'write'] as const;

/**
 * @param organization of the authority's real identities.
 * @returns a template whose lengths are the same each time for the same GUID.
 */
export async function deriveDecoyTemplate(
  key: DecoyKey,
  guid: Guid,
  { recipient, publicKey }: Decoy,
  organization: string,
): Promise<SubjectTemplate> {
  const [owner = 0, device = 0, scopes = 0] = await deriveDecoyBytes(key, 'profile', guid, 3);
  const pick = (byte: number, { least, most }: typeof OWNER) => 'x'.repeat(least + (byte % (most - least + 1)));
  return encodeSubjectTemplate({
    subject: encodeCommonName(pick(device, DEVICE)),
    publicKey,
    keyIdentifier: recipient.keyIdentifier,
    identity: { owner: pick(owner, OWNER), organization, scopes: SCOPES.slice(0, scopes % (MAX_SCOPES + 1)) },
  });
}
