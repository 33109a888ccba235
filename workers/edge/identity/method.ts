import type { Identity } from '../../../shared/protocol/identity.ts';

/** An identity as a method proves it; the organisation is the edge's. */
export type ProvedIdentity = Pick<Identity, 'owner' | 'scopes'>;

/** A method of proving an identity at registration, by the Authorization field (RFC 9110 11). */
export interface IdentityMethod {
  /** Its name in `IDENTITY_METHODS` and `/.well-known/cale`. */
  readonly name: string;
  /** The authentication scheme, in lower case. */
  readonly scheme: string;
  /** Further members of `/.well-known/cale`. */
  readonly members: Readonly<Record<string, string>>;
  /** The challenge in WWW-Authenticate. */
  challenge(realm: string): string;
  /**
   * @param credentials after the scheme.
   * @returns the identity; undefined when the credentials are not good.
   * @throws when it cannot be told at the moment.
   */
  prove(credentials: string): Promise<ProvedIdentity | undefined>;
}
