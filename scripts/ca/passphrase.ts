/** The passphrase of the root's private key. */

import { password as ask } from '@inquirer/prompts';
import { decryptPkcs8, encryptPkcs8 } from '../../client/stores/encrypted-pkcs8.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import { CaError } from './error.ts';

const VARIABLE = 'CALE_CA_PASSPHRASE';
const LABEL = 'ENCRYPTED PRIVATE KEY';

/** Asks once for a run of the command, and twice for a passphrase that is new. */
export class Passphrase {
  #known: string | undefined;

  /** @param isNew true when there is no root yet whose passphrase it could be. */
  async #get(isNew: boolean): Promise<string> {
    this.#known ??= process.env[VARIABLE] ?? (await askAtTerminal(isNew));
    if (this.#known === '') throw new CaError(`The passphrase of the root is empty. Choose another one.`);
    return this.#known;
  }

  /** @param key PKCS#8 in PEM. @returns it as EncryptedPrivateKeyInfo in PEM, which `openssl pkey` reads. */
  async encrypt(key: string, isNew: boolean): Promise<string> {
    const [pkcs8 = new Uint8Array(0)] = parsePem('PRIVATE KEY', key);
    return encodePem(LABEL, await encryptPkcs8(pkcs8, await this.#get(isNew)));
  }

  /** @throws {CaError} when the passphrase is wrong. */
  async decrypt(encrypted: string, name: string): Promise<string> {
    const [der] = parsePem(LABEL, encrypted);
    if (der === undefined) throw new CaError(`secrets/${name}.key holds no ${LABEL}.`);
    const passphrase = await this.#get(false);
    try {
      const pkcs8 = await decryptPkcs8(der, passphrase);
      // A wrong passphrase can also give bytes that are no key.
      await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
      return encodePem('PRIVATE KEY', pkcs8);
    } catch (cause) {
      throw new CaError(`The passphrase does not open secrets/${name}.key.`, { cause });
    }
  }
}

async function askAtTerminal(isNew: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new CaError(`There is no terminal to ask for the root's passphrase: set ${VARIABLE}.`);
  const question = (message: string) => ask({ message }, { output: process.stderr });
  const passphrase = await question(isNew ? 'New passphrase for the key of the root:' : 'Passphrase of the root:');
  if (isNew && (await question('Once more:')) !== passphrase) throw new CaError('The passphrases differ.');
  return passphrase;
}
