/** Credentials as they are exported and imported: plain values for JSON. */

import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { parseDateTime } from '../../../shared/encoding/date-time.ts';
import { EncodingError } from '../../../shared/encoding/error.ts';
import { type Guid, tryParseGuid } from '../../../shared/protocol/guid.ts';
import { type Identity, isValidIdentity } from '../../../shared/protocol/identity.ts';
import type { CredentialFacts } from '../registration/describe-credential.ts';

/** A credential with everything that its row is rebuilt from. */
export interface TransferredCredential {
  readonly guid: string;
  readonly owner: string;
  readonly organization: string;
  readonly scopes: readonly string[];
  readonly device: string;
  readonly keyType: string;
  /** base64 of the DER; null when KV has lost it. */
  readonly csr: string | null;
  readonly csrSha256: string;
  /** base64 of the common part of its certificates, which counts only where there is no CSR. */
  readonly template: string;
  /** RFC 3339. */
  readonly registeredAt: string;
  /** RFC 3339; null when it never ends. */
  readonly endsAt: string | null;
  /** RFC 3339; null while it is valid. */
  readonly revokedAt: string | null;
  /** Day in UTC; null when it was not used yet. */
  readonly lastUsedOn: string | null;
  /** GUID of the credential that it renews. */
  readonly supersedes: string | null;
}

/** A credential that was read from JSON. */
export interface ParsedCredential {
  readonly identity: Identity;
  readonly facts: CredentialFacts;
  readonly csr: Uint8Array<ArrayBuffer> | null;
  /** The content of the row where there is no CSR. */
  readonly kept: {
    readonly device: string;
    readonly keyType: string;
    readonly csrSha256: string;
    readonly template: Uint8Array<ArrayBuffer>;
  };
}

/** @throws {EncodingError} with the name of the member that is not good. */
export function parseTransferred(value: unknown): ParsedCredential {
  if (typeof value !== 'object' || value === null) throw new EncodingError('no object');
  const members = value as Readonly<Record<string, unknown>>;
  const scopes = members['scopes'];
  if (!Array.isArray(scopes)) throw new EncodingError('scopes is no list');
  const identity = {
    owner: textOf(members, 'owner'),
    organization: textOf(members, 'organization'),
    scopes: scopes.map((scope) => String(scope)),
  };
  if (!isValidIdentity(identity)) throw new EncodingError('no certificate can carry the identity');
  return {
    identity,
    facts: {
      guid: guidOf(textOf(members, 'guid'), 'guid'),
      registeredAt: parseMember(members, 'registeredAt', parseDateTime),
      endsAt: parseOptional(members, 'endsAt', parseDateTime),
      revokedAt: parseOptional(members, 'revokedAt', parseDateTime),
      lastUsedAt: parseOptional(members, 'lastUsedOn', (day) => parseDateTime(`${day}T00:00:00Z`)),
      supersedes: parseOptional(members, 'supersedes', (guid) => guidOf(guid, 'supersedes')),
    },
    csr: parseOptional(members, 'csr', parseBytes),
    kept: {
      device: textOf(members, 'device'),
      keyType: textOf(members, 'keyType'),
      csrSha256: textOf(members, 'csrSha256'),
      template: parseMember(members, 'template', parseBytes),
    },
  };
}

type Members = Readonly<Record<string, unknown>>;

function textOf(members: Members, name: string): string {
  const value = members[name];
  if (typeof value !== 'string') throw new EncodingError(`${name} is no text`);
  return value;
}

const parseMember = <T>(members: Members, name: string, parse: (text: string) => T): T => parse(textOf(members, name));

const parseOptional = <T>(members: Members, name: string, parse: (text: string) => T): T | null =>
  members[name] === null ? null : parseMember(members, name, parse);

function guidOf(text: string, name: string): Guid {
  const guid = tryParseGuid(text);
  if (guid === undefined) throw new EncodingError(`${name} is no GUID`);
  return guid;
}

const parseBytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(parseBase64(text));
