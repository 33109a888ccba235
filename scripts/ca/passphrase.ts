/** The passphrase of the root's private key. */

import { createCipheriv, createPrivateKey, randomBytes, scryptSync } from 'node:crypto';
import { password as ask } from '@inquirer/prompts';
import { encode, objectIdentifier, octetString, sequence, unsignedInteger } from '../../shared/encoding/der/writer.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import { CaError } from './error.ts';

const VARIABLE = 'CALE_CA_PASSPHRASE';

/** Asks once for a run of the command, and twice for a passphrase that is new. */
export class Passphrase {
  #known: string | undefined;

  /** @param isNew true when there is no root yet whose passphrase it could be. */
  async #get(isNew: boolean): Promise<string> {
    this.#known ??= process.env[VARIABLE] ?? (await askAtTerminal(isNew));
    if (this.#known === '') throw new CaError('The passphrase of the root is empty. Choose another one.');
    return this.#known;
  }

  /** @param key PKCS#8 in PEM. @returns it as EncryptedPrivateKeyInfo in PEM, which `openssl pkey` reads. */
  async encrypt(key: string, isNew: boolean): Promise<string> {
    const [pkcs8 = new Uint8Array(0)] = parsePem('PRIVATE KEY', key);
    return encodePem('ENCRYPTED PRIVATE KEY', encryptKey(pkcs8, await this.#get(isNew)));
  }

  /** @param name of the key, for the error. @throws {CaError} when the passphrase is wrong. */
  async decrypt(encrypted: string, name: string): Promise<string> {
    const passphrase = await this.#get(false);
    try {
      return String(createPrivateKey({ key: encrypted, passphrase }).export({ type: 'pkcs8', format: 'pem' }));
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

const PBES2 = objectIdentifier('1.2.840.113549.1.5.13');
const SCRYPT = objectIdentifier('1.3.6.1.4.1.11591.4.11');
const AES256_CBC = objectIdentifier('2.16.840.1.101.3.4.1.42');
/** As OWASP's password storage cheat sheet has it for the memory that openssl gives to scrypt, which is 32 MB. */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;

/** @returns EncryptedPrivateKeyInfo (RFC 5958 3) by PBES2 (RFC 8018 6.2) with scrypt (RFC 7914 7) and AES-256-CBC. */
function encryptKey(pkcs8: Uint8Array, passphrase: string): Uint8Array {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const cipher = createCipheriv('aes-256-cbc', scryptSync(passphrase, salt, 32, COST), iv);
  const encrypted = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
  const numbers = [[COST.N >> 8, COST.N & 0xff], [COST.r], [COST.p]].map((bytes) =>
    unsignedInteger(Uint8Array.from(bytes)),
  );
  const kdf = sequence(SCRYPT, sequence(octetString(salt), ...numbers));
  const scheme = sequence(PBES2, sequence(kdf, sequence(AES256_CBC, octetString(iv))));
  return encode(sequence(scheme, octetString(encrypted)));
}
