/** Accounts in a folder, for Node, Deno and Bun: their keys under a passphrase. */

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeBase64, parseBase64 } from '../../shared/encoding/base64.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import { type Account, type AccountId, type AccountInfo, accountKey, type KeyStore } from '../account.ts';
import { importAccountKey } from '../device-key.ts';
import { CaleError } from '../errors.ts';
import { decryptPkcs8, encryptPkcs8 } from './encrypted-pkcs8.ts';

export interface FileKeyStoreOptions {
  /** Made when it is not there, readable only for its owner. */
  readonly directory: string;
  /** Or a function that asks for it: called when a key is written or read. */
  readonly passphrase: string | (() => string | Promise<string>);
}

/** First line of a file, in JSON: the parts of an account that are no secret. */
interface AccountRecord extends AccountInfo {
  /** SubjectKeyIdentifier of the public key, in base64. */
  readonly key: { readonly keyIdentifier: string };
}

const SUFFIX = '.pem';
const PEM_LABEL = 'ENCRYPTED PRIVATE KEY';

/**
 * A file an account: a line of JSON, and the key as EncryptedPrivateKeyInfo in PEM, which `openssl pkey` finds there.
 *
 * @example
 * const store = new FileKeyStore({ directory: '/var/lib/app', passphrase: process.env.PASSPHRASE });
 * const client = await CaleClient.load({ edge, store });
 */
export class FileKeyStore implements KeyStore {
  readonly #directory: string;
  readonly #passphrase: FileKeyStoreOptions['passphrase'];
  /** Of the account that is about to be put. */
  #passphraseAsked: string | undefined;

  constructor({ directory, passphrase }: FileKeyStoreOptions) {
    this.#directory = directory;
    this.#passphrase = passphrase;
  }

  /** Asks for the passphrase. */
  async ready(): Promise<void> {
    await orStorageError(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const probe = join(this.#directory, `.${randomUUID()}`);
      await writeFile(probe, '', { mode: 0o600 });
      await rm(probe);
    });
    this.#passphraseAsked = await this.#askPassphrase();
  }

  async put(account: Account, pkcs8: Uint8Array): Promise<void> {
    const encrypted = await encryptPkcs8(pkcs8, this.#passphraseAsked ?? (await this.#askPassphrase()));
    this.#passphraseAsked = undefined;
    const { key, ...info } = account;
    const record: AccountRecord = {
      ...info,
      key: { keyIdentifier: encodeBase64(key.keyIdentifier) },
    };
    await orStorageError(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      // Written beside its place and then put there, so that no crash leaves half an account.
      const unfinished = join(this.#directory, `.${randomUUID()}`);
      await writeFile(unfinished, `${JSON.stringify(record)}\n${encodePem(PEM_LABEL, encrypted)}`, { mode: 0o600 });
      await rename(unfinished, this.#fileOf(account));
    });
  }

  async get(id: AccountId): Promise<Account | undefined> {
    const text = await orStorageError(() => ifThere(readFile(this.#fileOf(id), 'utf8')));
    if (text === undefined) return undefined;
    const { key, ...info } = await orStorageError(async () => recordOf(text));
    const passphrase = await this.#askPassphrase();
    const keyIdentifier = parseBase64(key.keyIdentifier);
    try {
      // Behind the line of JSON, which holds certificates in PEM.
      const [encrypted = new Uint8Array(0)] = parsePem(PEM_LABEL, text.slice(text.indexOf('\n') + 1));
      const pkcs8 = await decryptPkcs8(encrypted, passphrase);
      const account = { ...info, key: await importAccountKey(keyIdentifier, pkcs8, crypto.subtle) };
      pkcs8.fill(0);
      return account;
    } catch {
      throw new CaleError('passphrase');
    }
  }

  /** Asks for no passphrase. */
  list(): Promise<AccountInfo[]> {
    return orStorageError(async () => {
      const names = await ifThere(readdir(this.#directory));
      const files = (names ?? []).filter((name) => name.endsWith(SUFFIX));
      const texts = await Promise.all(files.map((name) => readFile(join(this.#directory, name), 'utf8')));
      return texts.map(recordOf).map(({ key, ...info }) => info);
    });
  }

  async delete(id: AccountId): Promise<void> {
    await orStorageError(() => rm(this.#fileOf(id), { force: true }));
  }

  #fileOf(id: AccountId): string {
    return join(this.#directory, createHash('sha256').update(accountKey(id)).digest('hex').slice(0, 32) + SUFFIX);
  }

  async #askPassphrase(): Promise<string> {
    return typeof this.#passphrase === 'string' ? this.#passphrase : this.#passphrase();
  }
}

const recordOf = (text: string): AccountRecord => JSON.parse(text.slice(0, text.indexOf('\n'))) as AccountRecord;

/** Undefined for what does not exist. */
async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function orStorageError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new CaleError('storage', { cause });
  }
}
