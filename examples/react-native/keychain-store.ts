import {
  type Account,
  type AccountId,
  type AccountInfo,
  CaleError,
  importAccountKey,
  type KeyStore,
} from 'cale-workers/client';
import * as keychain from 'react-native-keychain';

/** The account, its key in base64. */
interface Kept {
  readonly info: AccountInfo;
  readonly keyIdentifier: string;
  readonly pkcs8: string;
}

const PREFIX = 'cale ';
const serviceOf = ({ edge, name }: AccountId): string => `${PREFIX}${edge} ${name}`;
const encode = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const decode = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));

/** Accounts in the Keychain of iOS and the Keystore of Android. They are on this device only, and in no backup. */
export class KeychainStore implements KeyStore {
  readonly #crypto: Pick<Crypto, 'subtle'>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(crypto: Pick<Crypto, 'subtle'>) {
    this.#crypto = crypto;
  }

  async ready(): Promise<void> {
    await this.list();
  }

  async put({ key, ...info }: Account, pkcs8: Uint8Array): Promise<void> {
    await this.#write({ info, keyIdentifier: encode(key.keyIdentifier), pkcs8: encode(pkcs8) });
  }

  async update({ key, ...info }: Account): Promise<void> {
    const kept = await this.#read(serviceOf(info));
    if (kept?.info.guid === info.guid) await this.#write({ ...kept, info });
  }

  async get(id: AccountId): Promise<Account | undefined> {
    const kept = await this.#read(serviceOf(id));
    if (kept === undefined) return undefined;
    const { info, keyIdentifier, pkcs8 } = kept;
    return { ...info, key: await importAccountKey(decode(keyIdentifier), decode(pkcs8), this.#crypto.subtle) };
  }

  async list(): Promise<AccountInfo[]> {
    const services = await orStorageError(keychain.getAllGenericPasswordServices());
    const kept = await Promise.all(services.filter((each) => each.startsWith(PREFIX)).map((each) => this.#read(each)));
    return kept.flatMap((each) => (each === undefined ? [] : [each.info]));
  }

  async delete(id: AccountId): Promise<void> {
    await orStorageError(keychain.resetGenericPassword({ service: serviceOf(id) }));
  }

  /** An app is one program: it is enough to do one thing after the other. */
  exclusively<T>(_: AccountId, work: () => Promise<T>): Promise<T> {
    const running = this.#last.then(work);
    this.#last = running.catch(() => undefined);
    return running;
  }

  async isPersisted(): Promise<boolean> {
    return true;
  }

  async #read(service: string): Promise<Kept | undefined> {
    const found = await orStorageError(keychain.getGenericPassword({ service }));
    return found === false ? undefined : (JSON.parse(found.password) as Kept);
  }

  async #write(kept: Kept): Promise<void> {
    const accessible = keychain.ACCESSIBLE.WHEN_UNLOCKED_THIS_DEVICE_ONLY;
    const options = { service: serviceOf(kept.info), accessible };
    await orStorageError(keychain.setGenericPassword('cale', JSON.stringify(kept), options));
  }
}

async function orStorageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new CaleError('storage', { cause });
  }
}
