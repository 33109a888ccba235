/** Members that schemas of credentials share. */

import { dateTime, day, listOf, orNull, text } from './schema.ts';

export const GUID = text('The GUID of a credential.', { format: 'uuid' });
export const ID = text(
  'The name of a credential for its owner. It is always the same, and does not lead to the GUID.',
  {
    pattern: '^[A-Za-z0-9_-]{16}$',
  },
);
export const PEM = text('A certificate in PEM.', { pattern: '^-----BEGIN CERTIFICATE-----\\n' });
export const SHA256 = text("SHA-256 of the CSR's DER, in hex.", { pattern: '^[0-9a-f]{64}$' });
export const CURSOR = orNull(text('Asks for the next page; null at the end.'));
export const DEVICE = text("The CSR's subject, as RFC 4514 writes it.");
export const KEY_TYPE = text('`P-256`, `RSA-2048` and the like.');
export const SCOPES = listOf(text('A scope (RFC 6749 3.3).'), 'Scopes of the owner.');
export const REGISTERED_AT = dateTime('The time of the registration.');
export const ENDS_AT = orNull(dateTime('The time at which it ends; null: it never ends.'));
export const REVOKED_AT = orNull(dateTime('The time of its revocation; null while it is valid.'));
export const LAST_USED_ON = orNull(day('The day of its last use; null when it was not used yet.'));
