import type { Identity } from '../../../shared/protocol/identity.ts';

/** An identity as a method proves it; the organisation is the edge's. */
export type ProvedIdentity = Pick<Identity, 'owner' | 'scopes'>;

/**
 * The outcome of a proof. The detail is a sentence that quotes nothing, and does not tell which users there are. With
 * seconds to wait the credentials were not looked at, so that the answer is the same whether they are good or not.
 */
export type Proof =
  | { readonly ok: true; readonly value: ProvedIdentity }
  | { readonly ok: false; readonly detail: string }
  | { readonly ok: false; readonly retryAfterSeconds: number };

/** The circumstances in which credentials were sent. */
export interface ProofContext {
  /** The client's network: an IPv4 address, the first 64 bits of an IPv6 address, or what else the edge knows it by. */
  readonly network: string;
}

/** A method of proving an identity at registration, by the Authorization field (RFC 9110 11). */
export interface IdentityMethod {
  /** Its name in `IDENTITY_METHODS` and `/.well-known/cale`. */
  readonly name: string;
  /** The authentication scheme, in lower case. */
  readonly scheme: string;
  /** Further members of `/.well-known/cale`. */
  readonly members: Readonly<Record<string, string>>;
  /**
   * The challenge in WWW-Authenticate.
   * @param refused the detail, when credentials of this method were sent and refused.
   */
  challenge(realm: string, refused?: string): string;
  /**
   * @param credentials after the scheme.
   * @throws when it cannot be told at the moment.
   */
  prove(credentials: string, context: ProofContext): Promise<Proof>;
}
