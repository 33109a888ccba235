/** A credential of an owner, as the authority lists it: of a device, or of a program. */
export interface CredentialInfo {
  /** Names it for `revoke`; it is not the GUID. */
  readonly id: string;
  /** The device's own description when it registered, as RFC 4514 writes it. It may hold any character. */
  readonly device: string;
  readonly keyType: string;
  readonly registeredAt: Date;
  /** Undefined where it does not end. */
  readonly endsAt: Date | undefined;
  /** A day in UTC, such as `2026-11-26`; undefined when it was not used yet. */
  readonly lastUsedOn: string | undefined;
  /** Undefined when it was not revoked. */
  readonly revokedAt: Date | undefined;
  /** True for the credential that asked. */
  readonly isCurrent: boolean;
}
