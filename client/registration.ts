/** Registering an account (draft 4.1). Loaded on demand. */

import type { Account } from './account.ts';
import { generateDeviceKey } from './device-key.ts';
import { CaleError } from './errors.ts';
import { endOf, fetchDocument } from './exchange/document.ts';
import { assertProtected } from './exchange/protected-edge.ts';
import { CSR_FIELDS, proofOf, sendCsr } from './exchange/register-key.ts';
import { Session } from './exchange/session.ts';
import type { RegisterOptions, Settings } from './options.ts';
import { loadAuthorities } from './trust.ts';

/**
 * Makes a key, registers it, and keeps the account when the answer is proved to be for this key.
 * @returns the account.
 * @throws {CaleError}
 * @throws {TypeError} when an option is not of its form.
 */
export async function registerAccount(options: RegisterOptions, settings: Settings): Promise<Account> {
  const { edge, name, platform, store } = settings;
  assertProtected(edge);
  await store.ready();
  const document = await fetchDocument(platform, edge);
  const { authorities: published, origin } = document;
  const trust = await (await loadAuthorities(platform.subtle)).pin(published, options.authority);
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
      ...trust,
      origin,
      answersSigned: origin.signing !== '',
      registeredAt,
      ...endOf(document, registeredAt),
    };
    const session = new Session(account, settings);
    const { owner } = await session.whoami();
    if (options.owner !== undefined && options.owner !== owner) {
      const message = `The edge registered the key for ${owner}, and not for ${options.owner}.`;
      throw new CaleError('not-trusted', { message });
    }
    // The session may have followed an authority meanwhile.
    const registered = { ...session.account, owner };
    await store.put(registered, pkcs8);
    return registered;
  } finally {
    pkcs8.fill(0);
  }
}
