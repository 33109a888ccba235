/** The paths of the protocol's own resources. */

export const REGISTRATION_PATH = '/registration';
export const WHOAMI_PATH = '/whoami';
export const WELL_KNOWN_PATH = '/.well-known/cale';
/** Describes all of them (OpenAPI). */
export const OPENAPI_PATH = '/.well-known/cale/openapi.json';
/** The credentials of the owner who asks; with an id behind it, one of them. */
export const CREDENTIALS_PATH = '/.well-known/cale/credentials';
/** Takes sealed requests. */
export const SEALED_PATH = '/.well-known/cale/sealed';
/** The certificates of an origin, which the edge asks it for. */
export const ORIGIN_CERTIFICATES_PATH = '/.well-known/cale/origin';
