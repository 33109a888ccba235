/** The file of an account: a line of JSON, and the key as EncryptedPrivateKeyInfo in PEM, which `openssl pkey` finds there. */

import { encodeBase64, parseBase64 } from '../../shared/encoding/base64.ts';
import { EncodingError, isPlatformError } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import type { Account, AccountInfo } from '../account.ts';
import { importAccountKey } from '../device-key.ts';
import { CaleError } from '../errors.ts';
import { decryptPkcs8, encryptPkcs8 } from './encrypted-pkcs8.ts';

/** First line of the file: the parts of an account that are no secret. */
interface AccountRecord extends AccountInfo {
  /** SubjectKeyIdentifier of the public key, in base64. */
  readonly key: { readonly keyIdentifier: string };
}

const PEM_LABEL = 'ENCRYPTED PRIVATE KEY';

/** @returns the text of the file. */
export async function encodeAccountFile(account: Account, pkcs8: Uint8Array, passphrase: string): Promise<string> {
  const encrypted = await encryptPkcs8(pkcs8, passphrase);
  const { key, ...info } = account;
  const record: AccountRecord = { ...info, key: { keyIdentifier: encodeBase64(key.keyIdentifier) } };
  return `${JSON.stringify(record)}\n${encodePem(PEM_LABEL, encrypted)}`;
}

/** @returns the account without its key; undefined for a text that {@link encodeAccountFile} has not written. */
export function tryParseAccountInfo(text: string): AccountInfo | undefined {
  const { key, ...info } = tryParseRecord(text) ?? {};
  return key && (info as AccountInfo);
}

/**
 * @param askPassphrase is called when the file is one of an account.
 * @throws {CaleError} `passphrase`.
 * @throws {EncodingError} when the text is damaged.
 */
export async function openAccountFile(text: string, askPassphrase: () => Promise<string>): Promise<Account> {
  const { key, ...info } = parseRecord(text);
  // Behind the line of JSON, which holds certificates in PEM.
  const [encrypted = new Uint8Array(0)] = parsePem(PEM_LABEL, text.slice(text.indexOf('\n') + 1));
  const keyIdentifier = parseBase64(key.keyIdentifier);
  const pkcs8 = await decryptPkcs8(encrypted, await askPassphrase());
  try {
    return { ...info, key: await importAccountKey(keyIdentifier, pkcs8, crypto.subtle) };
  } catch (error) {
    // The padding of what a wrong passphrase gives can be good by chance.
    throw isPlatformError(error) ? error : new CaleError('passphrase');
  } finally {
    pkcs8.fill(0);
  }
}

function parseRecord(text: string): AccountRecord {
  const record = tryParseRecord(text);
  if (record === undefined) throw new EncodingError('no file of an account');
  return record;
}

function tryParseRecord(text: string): AccountRecord | undefined {
  const record = tryParseJsonObject(text.slice(0, Math.max(0, text.indexOf('\n'))));
  const { keyIdentifier } = (record?.['key'] ?? {}) as { readonly keyIdentifier?: unknown };
  const texts = [record?.['edge'], record?.['name'], record?.['guid'], record?.['authorities'], keyIdentifier];
  return texts.every((each) => typeof each === 'string') ? (record as unknown as AccountRecord) : undefined;
}
