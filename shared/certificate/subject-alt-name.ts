/** The subjectAltName that carries the identity: one directoryName of DCs, OUs and a CN (draft 4.2, RFC 4519). */

import { COMMON_NAME, DOMAIN_COMPONENT, encodedOid, ORGANIZATIONAL_UNIT_NAME } from '../der/oids.ts';
import { DerError, readWhole } from '../der/read.ts';
import { context, element, encode, ia5String, type Part, sequence, utf8String } from '../der/write.ts';
import { type Identity, isValidIdentity } from '../identity.ts';
import { readName } from '../name/name.ts';

const DC = encodedOid(DOMAIN_COMPONENT);
const OU = encodedOid(ORGANIZATIONAL_UNIT_NAME);
const CN = encodedOid(COMMON_NAME);

const rdn = (type: Uint8Array, value: Part): Part => element(0x31, sequence(type, value));

/** @returns DER of the GeneralNames (RFC 5280 4.2.1.6). */
export function encodeIdentity({ owner, organization, scopes }: Identity): Uint8Array<ArrayBuffer> {
  const labels = organization.split('.').reverse();
  const name = sequence(
    ...labels.map((label) => rdn(DC, ia5String(label))),
    ...scopes.map((scope) => rdn(OU, utf8String(scope))),
    rdn(CN, utf8String(owner)),
  );
  return encode(sequence(context(4, name)));
}

/**
 * @param generalNames DER of the GeneralNames.
 * @throws {DerError} when they are anything but one directoryName that says an identity.
 */
export function readIdentity(generalNames: Uint8Array<ArrayBuffer>): Identity {
  const names = readWhole(generalNames, 0x30);
  const directoryName = names.expect(0xa4).content;
  names.end();
  const labels: string[] = [];
  const scopes: string[] = [];
  const owners: string[] = [];
  const lists: Record<string, string[]> = {
    [DOMAIN_COMPONENT]: labels,
    [ORGANIZATIONAL_UNIT_NAME]: scopes,
    [COMMON_NAME]: owners,
  };
  for (const [attribute, ...others] of readName(directoryName)) {
    const list = attribute && lists[attribute.type];
    if (list === undefined || attribute?.text === undefined || others.length > 0) {
      throw new DerError('not a name of DC, OU and CN');
    }
    list.push(attribute.text);
  }
  const [owner, ...otherOwners] = owners;
  const identity = { owner: owner ?? '', organization: labels.reverse().join('.'), scopes };
  if (otherOwners.length > 0 || !isValidIdentity(identity)) throw new DerError('not an identity');
  return identity;
}
