/** cmsutil of NSS, with keys in a database. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './place.ts';
import { eachOf, type ForeignTool, isCbc, isRsa } from './tool.ts';

interface NssOptions {
  /** True where it has RSAES-OAEP and ECDH. */
  readonly opensCbc: boolean;
}

const NO_AEAD = 'NSS has no AuthEnvelopedData (RFC 5083) in its CMS.';
const NO_OAEP = 'NSS 3.87 has neither RSAES-OAEP nor ECDH in its CMS.';
const BY_ISSUER = 'It names recipients by issuer and serial number, and encrypts the key by RSAES-PKCS1-v1_5.';
const BY_ISSUER_EC = 'It names recipients by issuer and serial number.';
const NOT_TO_EC = 'It makes no message for an EC key: SEC_ERROR_INVALID_ALGORITHM.';

export function nss(place: Place, name: string, from: string, { opensCbc }: NssOptions): ForeignTool {
  const known = new Set<string>();
  /** Puts a key into the database, under its id. */
  async function addKey({ id, privateKey }: { readonly id: string; readonly privateKey: string }): Promise<void> {
    if (known.size === 0) await place.run('certutil', ['-N', '-d', '.', '--empty-password']);
    if (known.has(id)) return;
    known.add(id);
    const key = place.write('key', privateKey);
    await place.run('openssl', ['req', '-x509', '-key', key, '-subj', `/CN=${id}`, '-days', '30', '-out', 'crt']);
    await place.run('openssl', [
      'pkcs12',
      '-export',
      '-inkey',
      key,
      '-in',
      'crt',
      '-name',
      id,
      '-passout',
      'pass:x',
      '-out',
      'p12',
    ]);
    await place.run('pk12util', ['-i', 'p12', '-d', '.', '-W', 'x', '-K', '', '-n', id]);
    await place.run('certutil', ['-M', '-d', '.', '-n', id, '-t', 'CT,C,C']);
  }
  return {
    name,
    from,
    async version() {
      if (!place.has('cmsutil') || !place.has('certutil')) return undefined;
      return versionOfLibrary(place);
    },
    open: (messages) =>
      eachOf(messages, async ({ key, message }) => {
        await addKey(key);
        return place.run('cmsutil', ['-D', '-d', '.', '-i', place.write('message', message)]);
      }),
    seal: (tasks) =>
      eachOf(tasks, async ({ key, content }) => {
        await addKey(key);
        return place.run('cmsutil', ['-E', '-d', '.', '-r', key.id, '-i', place.write('content', content)]);
      }),
    async close() {
      known.clear();
    },
    cannotOpen: (_, cipher) => (isCbc(cipher) ? (opensCbc ? undefined : NO_OAEP) : NO_AEAD),
    cannotSeal: (keyType, cipher) => {
      if (!isCbc(cipher)) return NO_AEAD;
      if (isRsa(keyType)) return BY_ISSUER;
      return opensCbc ? BY_ISSUER_EC : NOT_TO_EC;
    },
  };
}

/** Its programs do not tell: the library has it as a text. */
function versionOfLibrary({ root = '/' }: Place): string | undefined {
  const library = readFileSync(join(root, 'usr/lib/x86_64-linux-gnu/libnss3.so'), 'latin1');
  return /Version: NSS ([0-9.]+)/.exec(library)?.[1];
}
