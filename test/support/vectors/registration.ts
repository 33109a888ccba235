/** Answers to registrations: the GUID, sealed to the key of the CSR. */

import { CONTENT_ENCRYPTION_NAMES, type ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { concat, utf8 } from '../../../shared/encoding/bytes.ts';
import { sealedBody } from './bytes.ts';
import type { KeptTests } from './kept.ts';
import { type ClientKey, recipientOf } from './keys.ts';
import { type RegistrationVector, type SealedBody, VECTORS_VERSION, type VectorFile } from './schema.ts';

/** Contents of answers that name no GUID, and why. */
const NO_GUID: Readonly<Record<string, readonly [content: string, reason: string]>> = {
  'line end': ['4cda30ed-84b6-40ec-8d7b-e954bf3ae93f\n', 'A line end follows the GUID.'],
  'in braces': ['{4cda30ed-84b6-40ec-8d7b-e954bf3ae93f}', 'The GUID is in braces.'],
  short: ['4cda30ed-84b6-40ec-8d7b-e954bf3ae93', 'The GUID lacks its last digit.'],
  'another letter': ['4cda30ed-84b6-40ec-8d7b-e954bf3ae93g', 'A g is no digit.'],
  empty: ['', 'There is no content.'],
};

export async function makeRegistration(
  kept: KeptTests<RegistrationVector>,
  keys: (id: string) => ClientKey,
): Promise<VectorFile<RegistrationVector>> {
  const sealed = async (
    key: string,
    cipher: ContentEncryptionName,
    content: string,
  ): Promise<{ answer: SealedBody }> => {
    const parts = await seal(await recipientOf(keys(key)), cipher, utf8(content));
    return { answer: sealedBody(concat(parts), !cipher.endsWith('CBC')) };
  };
  const tests: RegistrationVector[] = [];
  for (const [at, key] of KEY_TYPE_NAMES.entries()) {
    const guid = `4cda30ed-84b6-40ec-8d7b-e954bf3ae93${at}`;
    // The three that are authenticated.
    const cipher = CONTENT_ENCRYPTION_NAMES[at % 3] ?? 'AES-256-GCM';
    tests.push(await kept.take({ id: key, key, valid: true, content: guid, guid }, () => sealed(key, cipher, guid)));
  }
  const refused = { key: 'P-256', valid: false, fault: 'unreadable' } as const;
  for (const [id, [content, reason]] of Object.entries(NO_GUID)) {
    tests.push(await kept.take({ id, ...refused, content, reason }, () => sealed('P-256', 'AES-256-GCM', content)));
  }
  const reason = 'The content is encrypted by AES-CBC, which can have been altered, and the GUID is not signed.';
  const content = '4cda30ed-84b6-40ec-8d7b-e954bf3ae930';
  tests.push(
    await kept.take({ id: 'AES-CBC', ...refused, content, reason }, () => sealed('P-256', 'AES-256-CBC', content)),
  );
  return { version: VECTORS_VERSION, tests };
}
