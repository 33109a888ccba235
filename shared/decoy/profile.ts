/** The profile of certificates that an unknown GUID would have: for its length, and for the cost of issuing. */

import { encodeProfile, type Profile } from '../certificate/profile.ts';
import { COMMON_NAME, encodedOid } from '../der/oids.ts';
import { element, encode, sequence, utf8String } from '../der/write.ts';
import { type Decoy, type DecoyKey, decoyOctets } from './recipient.ts';

/** Bounds of what is drawn: characters of the owner's name and of the device's, and how many scopes. */
const OWNER = { least: 3, most: 12 };
const DEVICE = { least: 6, most: 24 };
const MOST_SCOPES = 2;
const SCOPES = ['read', 'write'] as const;

const CN = encodedOid(COMMON_NAME);

/**
 * @param organization of the authority's real identities.
 * @returns a profile whose lengths are the same each time for the same GUID.
 */
export async function decoyProfile(
  key: DecoyKey,
  guid: string,
  { algorithm, recipient, subjectPublicKeyInfo }: Decoy,
  organization: string,
): Promise<Profile> {
  const [owner = 0, device = 0, scopes = 0] = await decoyOctets(key, 'profile', guid, 3);
  const pick = (octet: number, { least, most }: typeof OWNER) => 'x'.repeat(least + (octet % (most - least + 1)));
  const subject = encode(sequence(element(0x31, sequence(CN, utf8String(pick(device, DEVICE))))));
  return encodeProfile(subject, subjectPublicKeyInfo, algorithm, recipient.keyIdentifier, {
    owner: pick(owner, OWNER),
    organization,
    scopes: SCOPES.slice(0, scopes % (MOST_SCOPES + 1)),
  });
}
