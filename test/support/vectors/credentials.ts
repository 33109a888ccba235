/** Answers about the credentials of an owner: the list, and a revocation. */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { concat, utf8 } from '../../../shared/encoding/bytes.ts';
import { sealedBody } from './bytes.ts';
import { NONCE, OTHER_NONCE } from './exchange.ts';
import type { KeptTests } from './kept.ts';
import { type ClientKey, recipientOf } from './keys.ts';
import { type CredentialsVector, VECTORS_VERSION, type VectorFile } from './schema.ts';

/** Size of every content: spaces are added up to it. */
const CONTENT_BYTES = 8192;

const LIST = {
  credentials: [
    {
      id: 'mUExTyB7Uiqg-qYg',
      device: 'CN=phone',
      keyType: 'P-256',
      registeredAt: '2026-11-25T09:12:31.120Z',
      endsAt: '2027-12-27T09:12:31.120Z',
      lastUsedOn: '2026-11-26',
      revokedAt: null,
      current: true,
    },
    {
      id: 'Qm5kbGUgbm90aGlu',
      device: '',
      keyType: 'RSA-3072',
      registeredAt: '2026-10-01T17:00:00.000Z',
      endsAt: null,
      lastUsedOn: null,
      revokedAt: '2026-11-01T08:30:00.500Z',
      current: false,
    },
  ],
  next: null,
};

interface Made {
  readonly method?: 'DELETE';
  readonly content: object | string;
  readonly cipher?: ContentEncryptionName;
}

const VALID: Readonly<Record<string, Made>> = {
  'a list': { content: { ...LIST, nonce: NONCE } },
  'an empty page': { content: { credentials: [], next: null, nonce: NONCE } },
  'a revocation': { method: 'DELETE', content: { revoked: 1, nonce: NONCE } },
  'nothing to revoke': { method: 'DELETE', content: { revoked: 0, nonce: NONCE } },
};

const REFUSED: Readonly<Record<string, readonly [reason: string, made: Made]>> = {
  'another nonce': ['It repeats the nonce of another request.', { content: { ...LIST, nonce: OTHER_NONCE } }],
  'a revocation with another nonce': [
    'It repeats the nonce of another request.',
    { method: 'DELETE', content: { revoked: 1, nonce: OTHER_NONCE } },
  ],
  'no nonce': ['It repeats no nonce.', { content: { ...LIST, nonce: null } }],
  'no JSON': ['The content is no JSON.', { content: 'credentials: none' }],
  'AES-CBC': [
    'The content is encrypted by AES-CBC, which can have been altered, and it is not signed.',
    { content: { ...LIST, nonce: NONCE }, cipher: 'AES-256-CBC' },
  ],
};

export async function makeCredentials(
  kept: KeptTests<CredentialsVector>,
  keys: (id: string) => ClientKey,
): Promise<VectorFile<CredentialsVector>> {
  const take = ([id, made]: [string, Made], outcome: Pick<CredentialsVector, 'valid' | 'fault' | 'reason'>) => {
    const { method = 'GET', cipher = 'AES-256-GCM' } = made;
    const content = typeof made.content === 'string' ? made.content : JSON.stringify(made.content);
    const given = { id, key: 'P-256', nonce: NONCE, method, content, ...outcome } as const;
    return kept.take(given, async () => {
      const parts = await seal(await recipientOf(keys('P-256')), cipher, utf8(content.padEnd(CONTENT_BYTES)));
      return { answer: sealedBody(concat(parts), !cipher.endsWith('CBC')) };
    });
  };
  const tests: CredentialsVector[] = [];
  for (const entry of Object.entries(VALID)) tests.push(await take(entry, { valid: true }));
  for (const [id, [reason, made]] of Object.entries(REFUSED)) {
    tests.push(await take([id, made], { valid: false, fault: 'unreadable', reason }));
  }
  return { version: VECTORS_VERSION, tests };
}
