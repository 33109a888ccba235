/**
 * The file of an account: a line of JSON, and the key as EncryptedPrivateKeyInfo in PEM, which `openssl pkey` finds there.
 * The key opens beside the line that it was stored with, and beside no other: see {@link encryptPkcs8}.
 */

import { encodeBase64, parseBase64 } from '../../shared/encoding/base64.ts';
import { EncodingError, isPlatformError } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import type { Account, AccountInfo, AccountKey } from '../account.ts';
import { importAccountKey } from '../device-key.ts';
import { CaleError } from '../errors.ts';
import { decryptPkcs8, type EncryptedKey, encryptPkcs8, fitsText, parseEncryptedKey } from './encrypted-pkcs8.ts';

/** First line of the file: the parts of an account that are no secret. */
interface AccountRecord extends AccountInfo {
  /** SubjectKeyIdentifier of the public key, in base64. */
  readonly key: { readonly keyIdentifier: string };
}

/** A file whose key is not opened yet. */
export interface AccountFile {
  readonly record: AccountRecord;
  readonly encryptedKey: EncryptedKey;
}

/** The line is not the one that the key was stored with. */
export class AlteredError extends EncodingError {
  override name = 'AlteredError';
}

const PEM_LABEL = 'ENCRYPTED PRIVATE KEY';

/** @returns the text of the file. */
export async function encodeAccountFile(
  account: AccountInfo & { readonly key: Pick<AccountKey, 'keyIdentifier'> },
  pkcs8: Uint8Array,
  passphrase: string,
): Promise<string> {
  const { key, ...info } = account;
  const record: AccountRecord = { ...info, key: { keyIdentifier: encodeBase64(key.keyIdentifier) } };
  const line = JSON.stringify(record);
  return `${line}\n${encodePem(PEM_LABEL, await encryptPkcs8(pkcs8, passphrase, line))}`;
}

/**
 * Takes no passphrase, and so no line for good: whoever can write the file can write a key for another line too. That key
 * is not opened by the passphrase.
 * @throws {AlteredError} when the line is not that of the key.
 * @throws {EncodingError} when the text is damaged, or was none of an account.
 */
export async function parseAccountFile(text: string): Promise<AccountFile> {
  const lineEnd = text.indexOf('\n');
  const line = text.slice(0, Math.max(0, lineEnd));
  // Behind the line of JSON, which holds certificates in PEM.
  const [encrypted = new Uint8Array(0)] = parsePem(PEM_LABEL, text.slice(lineEnd + 1));
  const encryptedKey = parseEncryptedKey(encrypted);
  if (!(await fitsText(encryptedKey, line))) throw new AlteredError('the line is not that of the key');
  return { record: parseRecord(line), encryptedKey };
}

/** The account without its key. */
export function infoOf({ record }: AccountFile): AccountInfo {
  const { key, ...info } = record;
  return info;
}

/** @throws {CaleError} `passphrase`. */
export async function openAccountFile(file: AccountFile, passphrase: string): Promise<Account> {
  const keyIdentifier = parseBase64(file.record.key.keyIdentifier);
  const pkcs8 = await decryptPkcs8(file.encryptedKey, passphrase);
  try {
    return { ...infoOf(file), key: await importAccountKey(keyIdentifier, pkcs8, crypto.subtle) };
  } catch (error) {
    // The padding of what a wrong passphrase gives can be good by chance.
    throw isPlatformError(error) ? error : new CaleError('passphrase');
  } finally {
    pkcs8.fill(0);
  }
}

/**
 * @returns the text of a file with the same key and another account around it.
 * @throws {CaleError} `passphrase`.
 */
export async function changeAccountFile(file: AccountFile, account: AccountInfo, passphrase: string): Promise<string> {
  const keyIdentifier = parseBase64(file.record.key.keyIdentifier);
  const pkcs8 = await decryptPkcs8(file.encryptedKey, passphrase);
  try {
    return await encodeAccountFile({ ...account, key: { keyIdentifier } }, pkcs8, passphrase);
  } finally {
    pkcs8.fill(0);
  }
}

/** Milliseconds from 1970 to the last Date. */
const MAX_TIME = 8.64e15;

/** Looks at every member, so that no file can make a program fail that only lists it. */
function parseRecord(line: string): AccountRecord {
  const record = tryParseJsonObject(line) ?? {};
  const { key, edge, name, guid, authorities, issuers, owner, subject, origin } = record;
  const { answersSigned, isUnproved, registeredAt, endsAt } = record;
  const { keyIdentifier } = (key ?? {}) as Record<string, unknown>;
  const { signing, encryption } = (origin ?? { signing: '', encryption: '' }) as Record<string, unknown>;
  const texts = [edge, name, guid, authorities, keyIdentifier, signing, encryption];
  const isOfTexts = [...texts, issuers ?? '', owner ?? '', subject ?? ''].every((each) => typeof each === 'string');
  const isOfTruths = [answersSigned ?? false, isUnproved ?? false].every((each) => typeof each === 'boolean');
  if (!isOfTexts || !isOfTruths || !isTime(registeredAt) || !isTime(endsAt ?? 0)) {
    throw new EncodingError('no line of an account');
  }
  return JSON.parse(line) as AccountRecord;
}

const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= MAX_TIME;
