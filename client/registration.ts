/** Registering an account (draft 4.1). Loaded on demand. */

import type { Account } from './account.ts';
import { generateDeviceKey } from './device-key.ts';
import { CaleError } from './errors.ts';
import { endOf, fetchDocument } from './exchange/document.ts';
import { CSR_FIELDS, proofOf, sendCsr } from './exchange/register-key.ts';
import { Session } from './exchange/session.ts';
import type { RegisterOptions, Settings } from './options.ts';
import { pinAuthorities } from './trust.ts';

/**
 * Makes a key, registers it, and keeps the account when the answer is proved to be for this key.
 * @returns the account.
 * @throws {CaleError}
 * @throws {TypeError} when an option is not of its form.
 */
export async function registerAccount(options: RegisterOptions, settings: Settings): Promise<Account> {
  const { edge, name, platform, store } = settings;
  await store.ready();
  const document = await fetchDocument(platform, edge);
  const { authorities: published, origin } = document;
  const authorities = await pinAuthorities(published, options.authority, platform.subtle);
  if (options.authority !== undefined && origin.signing === '') {
    throw new CaleError('not-trusted', {
      message: 'The edge publishes no key of its origin: answers would not be signed.',
    });
  }
  const { key: keyType = 'P-256', subject = '' } = options;
  const { key, csr, pkcs8 } = await generateDeviceKey(keyType, subject, platform.subtle);
  try {
    const headers = { ...CSR_FIELDS, Authorization: await proofOf(options.authorization) };
    const guid = await sendCsr(settings, { csr, key }, headers);
    const registeredAt = platform.clock.now();
    const account = {
      edge,
      name,
      guid,
      key,
      subject,
      authorities,
      origin,
      answersSigned: origin.signing !== '',
      registeredAt,
      ...endOf(document, registeredAt),
    };
    const { owner } = await new Session(account, settings).whoami();
    if (options.owner !== undefined && options.owner !== owner) {
      const message = `The edge registered the key for ${owner}, and not for ${options.owner}.`;
      throw new CaleError('not-trusted', { message });
    }
    await store.put({ ...account, owner }, pkcs8);
    return { ...account, owner };
  } finally {
    pkcs8.fill(0);
  }
}
