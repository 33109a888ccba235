/** Reading a list of credentials. Loaded on demand. */

import type { CredentialInfo } from '../credential-info.ts';

/** @returns undefined when it is no list of credentials. */
export function tryParseCredentials(list: unknown): CredentialInfo[] | undefined {
  if (!Array.isArray(list) || list.some((each) => typeof each?.id !== 'string')) return undefined;
  return list.map((each: Readonly<Record<string, unknown>>) => {
    const { id, device, keyType, registeredAt, endsAt, lastUsedOn, revokedAt, current } = each;
    return {
      id: String(id),
      device: String(device),
      keyType: String(keyType),
      registeredAt: new Date(String(registeredAt)),
      endsAt: dateOf(endsAt),
      lastUsedOn: typeof lastUsedOn === 'string' ? lastUsedOn : undefined,
      revokedAt: dateOf(revokedAt),
      isCurrent: current === true,
    };
  });
}

const dateOf = (value: unknown): Date | undefined => (typeof value === 'string' ? new Date(value) : undefined);
