/** The subjectAltName that carries the identity: one directoryName of DCs, OUs and a CN (draft 4.2, RFC 4519). */

import { DerError } from '../encoding/der/error.ts';
import { parseSequence } from '../encoding/der/reader.ts';
import { context, encode, ia5String, sequence, utf8String } from '../encoding/der/writer.ts';
import { COMMON_NAME, DOMAIN_COMPONENT, encodeRdn, ORGANIZATIONAL_UNIT_NAME, parseName } from '../x509/name.ts';
import { type Identity, isValidIdentity } from './identity.ts';

/** Number of directoryName among the choices of GeneralName (RFC 5280 4.2.1.6). */
const DIRECTORY_NAME = 4;

/** @returns DER of the GeneralNames (RFC 5280 4.2.1.6). */
export function encodeSubjectAltName({ owner, organization, scopes }: Identity): Uint8Array<ArrayBuffer> {
  const labels = organization.split('.').reverse();
  const name = sequence(
    ...labels.map((label) => encodeRdn(DOMAIN_COMPONENT, ia5String(label))),
    ...scopes.map((scope) => encodeRdn(ORGANIZATIONAL_UNIT_NAME, utf8String(scope))),
    encodeRdn(COMMON_NAME, utf8String(owner)),
  );
  return encode(sequence(context(DIRECTORY_NAME, name)));
}

/**
 * @param generalNames DER of the GeneralNames.
 * @throws {DerError} when they are anything but one directoryName that says an identity.
 */
export function parseSubjectAltName(generalNames: Uint8Array<ArrayBuffer>): Identity {
  const names = parseSequence(generalNames);
  const directoryName = names.context(DIRECTORY_NAME);
  names.end();
  const labels: string[] = [];
  const scopes: string[] = [];
  const owners: string[] = [];
  const lists: Record<string, string[]> = {
    [DOMAIN_COMPONENT]: labels,
    [ORGANIZATIONAL_UNIT_NAME]: scopes,
    [COMMON_NAME]: owners,
  };
  for (const [attribute, ...others] of parseName(directoryName.rest())) {
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
