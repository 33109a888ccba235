/** Object identifiers by their names in the RFCs. */

import { objectIdentifier } from './write.ts';

/** RFC 5652, 5083. */
export const ID_DATA = '1.2.840.113549.1.7.1';
export const ID_ENVELOPED_DATA = '1.2.840.113549.1.7.3';
export const ID_CT_AUTH_ENVELOPED_DATA = '1.2.840.113549.1.9.16.1.23';

/** Public keys: RFC 3279, 5480. */
export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
export const ID_EC_PUBLIC_KEY = '1.2.840.10045.2.1';

export const CURVE_OIDS = {
  'P-256': '1.2.840.10045.3.1.7',
  'P-384': '1.3.132.0.34',
  'P-521': '1.3.132.0.35',
} as const;

/** Signatures: RFC 4055, 5758. */
export const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
export const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
export const ECDSA_WITH_SHA384 = '1.2.840.10045.4.3.3';
export const ECDSA_WITH_SHA512 = '1.2.840.10045.4.3.4';

/** Key transport: RFC 8017 A.2.1. */
export const ID_RSAES_OAEP = '1.2.840.113549.1.1.7';
export const ID_MGF1 = '1.2.840.113549.1.1.8';
export const ID_SHA256 = '2.16.840.1.101.3.4.2.1';

/** Key agreement: RFC 5753 7.1.4, RFC 3565. */
export const STD_DH_SHA256_KDF = '1.3.132.1.11.1';
export const STD_DH_SHA384_KDF = '1.3.132.1.11.2';
export const STD_DH_SHA512_KDF = '1.3.132.1.11.3';
export const ID_AES128_WRAP = '2.16.840.1.101.3.4.1.5';
export const ID_AES256_WRAP = '2.16.840.1.101.3.4.1.45';

/** Content encryption: RFC 3565, 5084, 8103. */
export const CONTENT_ENCRYPTION_OIDS = {
  'AES-128-GCM': '2.16.840.1.101.3.4.1.6',
  'AES-256-GCM': '2.16.840.1.101.3.4.1.46',
  'ChaCha20-Poly1305': '1.2.840.113549.1.9.16.3.18',
  'AES-128-CBC': '2.16.840.1.101.3.4.1.2',
  'AES-256-CBC': '2.16.840.1.101.3.4.1.42',
} as const;

/** Certificate extensions: RFC 5280 4.2.1, RFC 9608. */
export const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
export const KEY_USAGE = '2.5.29.15';
export const SUBJECT_ALT_NAME = '2.5.29.17';
export const BASIC_CONSTRAINTS = '2.5.29.19';
export const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
export const EXT_KEY_USAGE = '2.5.29.37';
export const NO_REV_AVAIL = '2.5.29.56';
export const ID_KP_CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Attributes of names: RFC 4519. */
export const COMMON_NAME = '2.5.4.3';
export const ORGANIZATIONAL_UNIT_NAME = '2.5.4.11';
export const DOMAIN_COMPONENT = '0.9.2342.19200300.100.1.25';

/** The encoded form of an OID that does not change, for use at module load. */
export const encodedOid = objectIdentifier;
