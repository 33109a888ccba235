/** The template that certificates for a GUID without a credential are issued from. */

import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { drawWeighted, type Weighted } from '../../../shared/protocol/weighted-draw.ts';
import { encodeSubjectTemplate, type SubjectTemplate } from '../issuance/subject-template.ts';
import { deriveDecoyKey } from './decoy-key.ts';
import { type DecoySecret, deriveDecoyBytes } from './secret.ts';
import type { Shape } from './shape.ts';

const SEED_BYTES = 4;
const KEY_IDENTIFIER_BYTES = 20;

/**
 * @param shapes of the credentials that there are.
 * @param organization of the authority's real identities.
 * @returns a template that is the same each time for the same GUID, as long as the shapes are.
 */
export async function deriveDecoyTemplate(
  secret: DecoySecret,
  guid: string,
  shapes: readonly Weighted<Shape>[],
  organization: string,
): Promise<SubjectTemplate> {
  const bytes = await deriveDecoyBytes(secret, 'credential', guid, SEED_BYTES + KEY_IDENTIFIER_BYTES);
  const { keyType, subject, owner, scopes } = drawWeighted(shapes, new DataView(bytes.buffer).getInt32(0));
  return encodeSubjectTemplate({
    subject: parseBase64(subject),
    publicKey: await deriveDecoyKey(secret, guid, keyType),
    keyIdentifier: bytes.subarray(SEED_BYTES),
    identity: { owner: fillerOf(owner), organization, scopes: scopes.map((length) => '0'.repeat(length)) },
  });
}

/** Characters of one to three bytes in UTF-8. */
const CHARACTERS = ['', '0', 'é', '€'] as const;
const FOUR_BYTES = '𐀀';

/** A text of so many bytes in as few characters as can be, because an owner has at most 64. */
const fillerOf = (bytes: number): string => FOUR_BYTES.repeat(bytes >> 2) + (CHARACTERS[bytes & 3] ?? '');
