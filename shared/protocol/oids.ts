/** Object identifiers of this protocol, under the UUID 24314519-f04c-4f93-9bb0-17560e4e5930 (X.667). */

const CALE = '2.25.48108031935660549309458286867817322800';

/** Extended key usage of a certificate that only says who a client is (draft 4.3). */
export const ID_KP_WHOAMI = `${CALE}.1.1`;

/** Extended key usage of a certificate that stands for a GUID that is not valid: its answers are decoys. */
export const ID_KP_DECOY = `${CALE}.1.2`;

/** Extension that ties a certificate to one nonce: an IA5String. */
export const ID_PE_NONCE = `${CALE}.2.1`;
