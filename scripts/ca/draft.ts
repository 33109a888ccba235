/** A change of the folder: made in memory as a whole, and written only when nothing can go wrong any more. */

import {
  certifyOriginKey,
  createIssuing,
  createOriginKey,
  createRoot,
  crossSign,
  type KeyAndCertificate,
  type OriginUse,
} from '../certificates.ts';
import { CaError } from './error.ts';
import { newName, read, writeNew } from './folder.ts';
import { Passphrase } from './passphrase.ts';
import { findKey, type Key, type KeyState, keysOf, liveKeys, ORIGIN_KINDS, type State, withKeys } from './state.ts';

export class Draft {
  state: State;
  readonly #days: number | undefined;
  readonly #files: Record<string, string> = {};
  readonly #passphrase = new Passphrase();

  /** @param days that new certificates of issuing keys and of an origin's keys last; undefined for the usual ones. */
  constructor(state: State, days: number | undefined) {
    this.state = state;
    this.#days = days;
  }

  /** The text of a file of the folder, or of one that is about to be written. */
  read(file: string): string {
    return this.#files[file] ?? read(file);
  }

  /** Makes a root. @param before the key that clients trust until then: it certifies the root, so that they follow. */
  async addRoot(state: KeyState, before?: Key): Promise<void> {
    const name = newName('root');
    const { key, certificate } = await createRoot(this.state.organization);
    const certificates = { [name]: this.#write(`${name}.pem`, certificate) };
    if (before !== undefined) {
      const cross = await crossSign(await this.#pairOf(before), certificate);
      certificates[before.name] = this.#write(`${name}.by-${before.name}.pem`, cross);
    }
    this.#write(`${name}.key`, await this.#passphrase.encrypt(key, before?.kind !== 'root'));
    this.state = withKeys(this.state, { name, kind: 'root', state, certificates });
  }

  /** Makes an issuing key, certified by the root that is coming, or else by the one in use. */
  async addIssuing(state: KeyState): Promise<void> {
    const [root] = keysOf(this.state, 'root', 'next', 'used');
    if (root === undefined) throw new CaError('There is no root here yet: npm run ca -- rotate root makes one.');
    const name = newName('issuing');
    const { key, certificate } = await createIssuing(await this.#pairOf(root), { days: this.#days });
    this.#write(`${name}.key`, key);
    const certificates = { [root.name]: this.#write(`${name}.pem`, certificate) };
    this.state = withKeys(this.state, { name, kind: 'issuing', state, certificates });
  }

  /** Makes a key of the origin, certified by the issuing key in use. */
  async addOriginKey(kind: OriginUse, state: KeyState): Promise<void> {
    const issuer = this.#issuingInUse();
    const name = newName(kind);
    const { key, certificate } = await createOriginKey(await this.#pairOf(issuer), kind, this.#days);
    this.#write(`${name}.key`, key);
    const certificates = { [issuer.name]: this.#write(`${name}.pem`, certificate) };
    this.state = withKeys(this.state, { name, kind, state, certificates });
  }

  /** Gives each key of the origin a certificate by every issuing key that clients may meet, for the same key. */
  async certifyOriginKeys(): Promise<void> {
    for (const kind of ORIGIN_KINDS) {
      for (const issuer of liveKeys(this.state, 'issuing')) {
        for (const key of liveKeys(this.state, kind)) await this.#certify(key, kind, issuer);
      }
    }
  }

  async #certify({ name, ...key }: Key, kind: OriginUse, issuer: Key): Promise<void> {
    if (key.certificates[issuer.name] !== undefined) return;
    const [known = ''] = Object.values(key.certificates);
    const certificate = await certifyOriginKey(await this.#pairOf(issuer), this.read(known), kind, this.#days);
    const file = this.#write(`${name}.by-${issuer.name}.pem`, certificate);
    this.state = withKeys(this.state, { name, ...key, certificates: { ...key.certificates, [issuer.name]: file } });
  }

  /** Writes the new files: a crash after it leaves files that no state names. */
  writeFiles(): void {
    writeNew(this.#files);
  }

  #issuingInUse(): Key {
    const [issuing] = keysOf(this.state, 'issuing', 'used');
    if (issuing === undefined) throw new CaError('No issuing key is in use.');
    return issuing;
  }

  async #pairOf({ name, kind, certificates }: Key): Promise<KeyAndCertificate> {
    const file = certificates[name] ?? Object.values(certificates)[0] ?? '';
    const key = this.read(`${name}.key`);
    const plain = kind === 'root' ? await this.#passphrase.decrypt(key, name) : key;
    return { key: plain, certificate: this.read(file) };
  }

  #write(file: string, text: string): string {
    this.#files[file] = text;
    return file;
  }
}

/** @throws {CaError} when there is no key of the name. */
export function requireKey(state: State, name: string): Key {
  const key = findKey(state, name);
  if (key !== undefined) return key;
  throw new CaError(`There is no key ${name}. There are: ${state.keys.map((each) => each.name).join(', ')}.`);
}
