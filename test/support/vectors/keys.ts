/** Keys of every type that may register, and their CSRs. */

import type { AccountKey } from '../../../client/account.ts';
import { generateDeviceKey, importAccountKey } from '../../../client/device-key.ts';
import { importRecipient } from '../../../shared/cms/recipients/recipients.ts';
import { KEY_TYPE_NAMES, type KeyType } from '../../../shared/crypto/keys/key-types.ts';
import { keyIdentifier, type PublicKey, parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { encodeBase64Url } from '../../../shared/encoding/base64.ts';
import { hex } from '../../../shared/encoding/bytes.ts';
import { encodePem, parsePem } from '../../../shared/encoding/pem.ts';
import { parseCsr } from '../../../shared/x509/csr.ts';
import { formatName, parseName } from '../../../shared/x509/name.ts';
import type { Bytes } from './bytes.ts';
import type { KeptTests } from './kept.ts';
import { type KeyVector, VECTORS_VERSION, type VectorFile } from './schema.ts';

/** Ids of the keys, with their types. The other ones are for messages to somebody else. */
const KEYS: readonly (readonly [id: string, keyType: KeyType])[] = [
  ...KEY_TYPE_NAMES.map((keyType) => [keyType, keyType] as const),
  ['P-256-other', 'P-256'],
  ['RSA-2048-other', 'RSA-2048'],
];

export async function makeKeys(kept: KeptTests<KeyVector>): Promise<VectorFile<KeyVector>> {
  const tests: KeyVector[] = [];
  for (const [id, keyType] of KEYS) tests.push(await kept.take({ id, keyType }, () => makeKey(keyType)));
  return { version: VECTORS_VERSION, tests };
}

async function makeKey(keyType: KeyType): Promise<Omit<KeyVector, 'id' | 'keyType'>> {
  const { csr, key, pkcs8 } = await generateDeviceKey(keyType, 'phone', crypto.subtle);
  const { spki, subject } = parseCsr(csr);
  return {
    privateKey: encodePem('PRIVATE KEY', pkcs8),
    publicKey: encodePem('PUBLIC KEY', spki),
    subjectKeyIdentifier: hex(key.keyIdentifier),
    keyid: encodeBase64Url(key.keyIdentifier),
    subject: formatName(parseName(subject)),
    csr: encodePem('CERTIFICATE REQUEST', csr),
  };
}

/** A key of the vectors in the forms that the library takes. */
export interface ClientKey extends KeyVector {
  readonly pkcs8: Bytes;
  readonly parsed: PublicKey;
  readonly accountKey: AccountKey;
}

/** @returns the one block of a PEM. */
export function derOfPem(label: string, pem: string): Bytes {
  const [der, ...others] = parsePem(label, pem);
  if (der === undefined || others.length > 0) throw new TypeError(`not one ${label}`);
  return der;
}

/** @returns the keys by their ids. */
export async function importKeys({ tests }: VectorFile<KeyVector>): Promise<(id: string) => ClientKey> {
  const keys = new Map<string, ClientKey>();
  for (const test of tests) {
    const pkcs8 = derOfPem('PRIVATE KEY', test.privateKey);
    const parsed = parsePublicKey(derOfPem('PUBLIC KEY', test.publicKey));
    const accountKey = await importAccountKey(await keyIdentifier(parsed), pkcs8, crypto.subtle);
    keys.set(test.id, { ...test, pkcs8, parsed, accountKey });
  }
  return (id) => {
    const key = keys.get(id);
    if (key === undefined) throw new TypeError(`no key ${id}`);
    return key;
  };
}

/** The key as messages are sealed for it. */
export const recipientOf = ({ parsed }: Pick<ClientKey, 'parsed'>) => importRecipient(parsed);
