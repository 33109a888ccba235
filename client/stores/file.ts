/** Accounts in a folder, for Node, Deno and Bun: their keys under a passphrase. */

import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EncodingError } from '../../shared/encoding/error.ts';
import { type Account, type AccountId, type AccountInfo, accountKey, type KeyStore } from '../account.ts';
import { CaleError } from '../errors.ts';
import {
  type AccountFile,
  AlteredError,
  changeAccountFile,
  encodeAccountFile,
  infoOf,
  openAccountFile,
  parseAccountFile,
} from './account-file.ts';
import { takeLockFile } from './lock-file.ts';
import { assertPrivateFolder, readPrivateFile } from './private-files.ts';

/** The reason for which a file is passed over. */
export type FileFault =
  /** It ends in `.pem` and is no account's, or cannot be read. */
  | 'foreign'
  /** It is an account's, and a part of it is missing or is not what it was. */
  | 'damaged'
  /** Its first line, which says edge, GUID and authorities, is not the one that it was stored with. */
  | 'altered';

/** The options of a store in files. */
export interface FileKeyStoreOptions {
  /** Made when it is not there, readable only for its owner; one that others can look into is refused. */
  readonly directory: string;
  /** Or a function that asks for it: called when a key is written or read. No key is written under an empty one. */
  readonly passphrase: string | (() => string | Promise<string>);
  /** Told by `list` of a file that ends in `.pem` and that it passes over. */
  readonly onForeignFile?: (path: string, fault: FileFault) => void;
}

const SUFFIX = '.pem';
const LOCK_SUFFIX = '.lock';
/** The name of an account's file. */
const FILE_NAME = /^[0-9a-f]{32}\.pem$/;

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
  readonly #onForeignFile: (path: string, fault: FileFault) => void;
  /** Of the account that is about to be put. */
  #passphraseAsked: string | undefined;
  /** Of the account that was read last, so that it is asked for once. */
  #passphraseGiven: string | undefined;

  constructor({ directory, passphrase, onForeignFile = () => undefined }: FileKeyStoreOptions) {
    this.#directory = directory;
    this.#passphrase = passphrase;
    this.#onForeignFile = onForeignFile;
  }

  /** Asks for the passphrase. @throws {CaleError} also `passphrase`, when it is empty. */
  async ready(): Promise<void> {
    await this.#orStorageError(async () => {
      await this.#makeFolder();
      const probe = join(this.#directory, `.${randomUUID()}`);
      await writeFile(probe, '', { mode: 0o600 });
      await rm(probe);
    });
    this.#passphraseAsked = await this.#askNewPassphrase();
  }

  /** @throws {CaleError} also `passphrase`, when it is empty. */
  async put(account: Account, pkcs8: Uint8Array): Promise<void> {
    const text = await encodeAccountFile(account, pkcs8, this.#passphraseAsked ?? (await this.#askNewPassphrase()));
    this.#passphraseAsked = undefined;
    await this.#orStorageError(() => this.#write(this.pathOf(account), text));
  }

  /** Asks for the passphrase, unless `get` has. */
  async update({ key, ...account }: Account): Promise<void> {
    const path = this.pathOf(account);
    const text = await this.#readFile(path);
    const file = text === undefined ? 'foreign' : await this.#readAccount(path, text);
    if (typeof file === 'string' || file.record.guid !== account.guid) return;
    const changed = await changeAccountFile(file, account, this.#passphraseGiven ?? (await this.#askPassphrase()));
    await this.#orStorageError(async () => {
      // Encrypting takes a while, in which another program may have renewed the account.
      if ((await ifThere(readPrivateFile(path))) === text) await this.#write(path, changed);
    });
  }

  /** Writes beside the place and then puts it there, so that no crash leaves half an account. */
  async #write(path: string, text: string): Promise<void> {
    await this.#makeFolder();
    const unfinished = join(this.#directory, `.${randomUUID()}`);
    await writeFile(unfinished, text, { mode: 0o600 });
    await rename(unfinished, path);
  }

  /** Undefined when there is none. */
  #readFile(path: string): Promise<string | undefined> {
    return this.#orStorageError(async () => {
      await assertPrivateFolder(this.#directory);
      return ifThere(readPrivateFile(path));
    });
  }

  async get(id: AccountId): Promise<Account | undefined> {
    const path = this.pathOf(id);
    const text = await this.#readFile(path);
    if (text === undefined) return undefined;
    const read = await this.#readAccount(path, text);
    if (typeof read === 'string') throw new CaleError('storage', { message: describeFileFault(path, read) });
    const passphrase = await this.#askPassphrase();
    const account = await openAccountFile(read, passphrase);
    this.#passphraseGiven = passphrase;
    return account;
  }

  /** Asks for no passphrase: a file that somebody with write access made up is found out by `get`. */
  list(): Promise<AccountInfo[]> {
    return this.#orStorageError(async () => {
      await assertPrivateFolder(this.#directory);
      const names = (await ifThere(readdir(this.#directory))) ?? [];
      // Those with a dot before them are unfinished accounts, and what file systems put beside files.
      const files = names.filter((name) => name.endsWith(SUFFIX) && !name.startsWith('.'));
      const accounts = await Promise.all(files.map((name) => this.#tryReadInfo(join(this.#directory, name))));
      return accounts.filter((account) => account !== undefined);
    });
  }

  async #tryReadInfo(path: string): Promise<AccountInfo | undefined> {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    // A copy of an account's file has another name, and is not asked for.
    const isOwn = text !== undefined && FILE_NAME.test(basename(path));
    const read = isOwn ? await this.#readAccount(path, text) : 'foreign';
    if (typeof read !== 'string') return infoOf(read);
    this.#onForeignFile(path, read);
    return undefined;
  }

  async #readAccount(path: string, text: string): Promise<AccountFile | FileFault> {
    try {
      const file = await parseAccountFile(text);
      // The file of another account in this place would lead to that one's edge.
      return this.pathOf(file.record) === path ? file : 'altered';
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error;
      return error instanceof AlteredError ? 'altered' : 'damaged';
    }
  }

  async delete(id: AccountId): Promise<void> {
    await this.#orStorageError(() => rm(this.pathOf(id), { force: true }));
  }

  /** By a file beside that of the account, which other programs with the same folder heed. */
  async exclusively<T>(id: AccountId, work: () => Promise<T>): Promise<T> {
    const release = await this.#orStorageError(async () => {
      await this.#makeFolder();
      return takeLockFile(this.#pathOf(id, LOCK_SUFFIX));
    });
    try {
      return await work();
    } finally {
      await this.#orStorageError(release);
    }
  }

  async isPersisted(): Promise<boolean> {
    return true;
  }

  /** The file that an account is kept in, or would be. */
  pathOf(id: AccountId): string {
    return this.#pathOf(id, SUFFIX);
  }

  #pathOf(id: AccountId, suffix: string): string {
    return join(this.#directory, createHash('sha256').update(accountKey(id)).digest('hex').slice(0, 32) + suffix);
  }

  async #makeFolder(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await assertPrivateFolder(this.#directory);
  }

  async #askPassphrase(): Promise<string> {
    return typeof this.#passphrase === 'function' ? this.#passphrase() : this.#passphrase;
  }

  async #askNewPassphrase(): Promise<string> {
    const passphrase = await this.#askPassphrase();
    // Programs in JavaScript can give undefined, such as a variable of the environment that is not set.
    if (!passphrase)
      throw new CaleError('passphrase', { message: 'The passphrase is empty: no key is stored under it.' });
    return passphrase;
  }

  async #orStorageError<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof CaleError) throw cause;
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

const FAULTS: Readonly<Record<FileFault, string>> = {
  foreign: 'is no account, or cannot be read',
  damaged: 'is damaged: it holds no account any more',
  altered: 'was altered: its first line is not the one that its key was stored with',
};

/** @returns a sentence on a file. */
export const describeFileFault = (path: string, fault: FileFault): string => `${path} ${FAULTS[fault]}.`;
