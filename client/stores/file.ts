/** Accounts in a folder, for Node, Deno and Bun: their keys under a passphrase. */

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EncodingError } from '../../shared/encoding/error.ts';
import { type Account, type AccountId, type AccountInfo, accountKey, type KeyStore } from '../account.ts';
import { CaleError } from '../errors.ts';
import { encodeAccountFile, openAccountFile, tryParseAccountInfo } from './account-file.ts';

export interface FileKeyStoreOptions {
  /** Made when it is not there, readable only for its owner. */
  readonly directory: string;
  /** Or a function that asks for it: called when a key is written or read. */
  readonly passphrase: string | (() => string | Promise<string>);
  /** Told by `list` of a file that ends in `.pem` and is no account, or cannot be read; it is passed over. */
  readonly onForeignFile?: (path: string) => void;
}

const SUFFIX = '.pem';

/**
 * A file an account, named by a digest of its edge and its name.
 *
 * @example
 * const store = new FileKeyStore({ directory: '/var/lib/app', passphrase: process.env.PASSPHRASE });
 * const client = await CaleClient.load({ edge, store });
 */
export class FileKeyStore implements KeyStore {
  readonly #directory: string;
  readonly #passphrase: FileKeyStoreOptions['passphrase'];
  readonly #onForeignFile: (path: string) => void;
  /** Of the account that is about to be put. */
  #passphraseAsked: string | undefined;

  constructor({ directory, passphrase, onForeignFile = () => undefined }: FileKeyStoreOptions) {
    this.#directory = directory;
    this.#passphrase = passphrase;
    this.#onForeignFile = onForeignFile;
  }

  /** Asks for the passphrase. */
  async ready(): Promise<void> {
    await this.#orStorageError(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      const probe = join(this.#directory, `.${randomUUID()}`);
      await writeFile(probe, '', { mode: 0o600 });
      await rm(probe);
    });
    this.#passphraseAsked = await this.#askPassphrase();
  }

  async put(account: Account, pkcs8: Uint8Array): Promise<void> {
    const text = await encodeAccountFile(account, pkcs8, this.#passphraseAsked ?? (await this.#askPassphrase()));
    this.#passphraseAsked = undefined;
    await this.#orStorageError(async () => {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      // Written beside its place and then put there, so that no crash leaves half an account.
      const unfinished = join(this.#directory, `.${randomUUID()}`);
      await writeFile(unfinished, text, { mode: 0o600 });
      await rename(unfinished, this.#fileOf(account));
    });
  }

  async get(id: AccountId): Promise<Account | undefined> {
    const path = this.#fileOf(id);
    const text = await this.#orStorageError(() => ifThere(readFile(path, 'utf8')));
    if (text === undefined) return undefined;
    try {
      return await openAccountFile(text, () => this.#askPassphrase());
    } catch (cause) {
      if (!(cause instanceof EncodingError)) throw cause;
      throw new CaleError('storage', { cause, message: `${path} is damaged: it holds no account any more.` });
    }
  }

  /** Asks for no passphrase. */
  list(): Promise<AccountInfo[]> {
    return this.#orStorageError(async () => {
      const names = (await ifThere(readdir(this.#directory))) ?? [];
      // Those with a dot before them are unfinished accounts, and what file systems put beside files.
      const files = names.filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'));
      const accounts = await Promise.all(files.map((name) => this.#tryReadInfo(join(this.#directory, name))));
      return accounts.filter((account) => account !== undefined);
    });
  }

  async #tryReadInfo(path: string): Promise<AccountInfo | undefined> {
    const info = tryParseAccountInfo(await readFile(path, 'utf8').catch(() => ''));
    // A copy of an account's file has another name, and is not asked for.
    if (info !== undefined && this.#fileOf(info) === path) return info;
    this.#onForeignFile(path);
    return undefined;
  }

  async delete(id: AccountId): Promise<void> {
    await this.#orStorageError(() => rm(this.#fileOf(id), { force: true }));
  }

  #fileOf(id: AccountId): string {
    return join(this.#directory, createHash('sha256').update(accountKey(id)).digest('hex').slice(0, 32) + SUFFIX);
  }

  async #askPassphrase(): Promise<string> {
    return typeof this.#passphrase === 'string' ? this.#passphrase : this.#passphrase();
  }

  async #orStorageError<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const { code = '', message } = cause as NodeJS.ErrnoException;
      const reason = REASONS[code] ?? message;
      throw new CaleError('storage', {
        cause,
        message: `Keys cannot be stored or read in ${this.#directory}: ${reason}.`,
      });
    }
  }
}

/** Undefined for what does not exist. */
async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Sentences for what people meet, by the codes of the system. */
const REASONS: Partial<Record<string, string>> = {
  EEXIST: 'it is no folder',
  ENOTDIR: 'it is no folder, or lies in something that is none',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'it can only be read',
  ENOSPC: 'there is no space left',
};
