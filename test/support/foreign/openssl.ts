/** The program openssl. */

import type { Place } from './place.ts';
import { eachOf, type ForeignTool, isRsa } from './tool.ts';

const OAEP = ['rsa_padding_mode:oaep', 'rsa_oaep_md:sha256', 'rsa_mgf1_md:sha256'];
/** Options by which it makes what RFC 5753 7.1.4 and RFC 8017 have for a key. */
const KEY_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['ecdh_kdf_md:sha256'],
  'P-384': ['ecdh_kdf_md:sha384'],
  'P-521': ['ecdh_kdf_md:sha512'],
};

const CHACHA = 'openssl cms knows no identifier of ChaCha20-Poly1305 (RFC 8103).';

export const opensslTool = (place: Place, name: string, from: string): ForeignTool => ({
  name,
  from,
  async version() {
    if (!place.has('openssl')) return undefined;
    return String(await place.run('openssl', ['version'])).split(' ')[1];
  },
  open: (messages) =>
    eachOf(messages, ({ key, message }) => {
      const file = place.write(`${key.id}.key`, key.privateKey);
      return place.run('openssl', ['cms', '-decrypt', '-binary', '-inform', 'DER', '-inkey', file], message);
    }),
  seal: (tasks) =>
    eachOf(tasks, async ({ key, cipher, content }) => {
      const file = place.write(`${key.id}.key`, key.privateKey);
      const certificate = `${key.id}.crt`;
      await place.run('openssl', ['req', '-x509', '-key', file, '-subj', '/CN=phone', '-out', certificate]);
      const options = isRsa(key.keyType) ? OAEP : (KEY_OPTIONS[key.keyType] ?? []);
      const command = [
        'cms',
        '-encrypt',
        '-binary',
        '-noindef',
        '-outform',
        'DER',
        `-${cipher.toLowerCase()}`,
        '-keyid',
      ];
      const recipient = ['-recip', certificate, ...options.flatMap((option) => ['-keyopt', option])];
      return place.run('openssl', [...command, ...recipient, '-in', place.write('content', content)]);
    }),
  cannotOpen: (_, cipher) => (cipher === 'ChaCha20-Poly1305' ? CHACHA : undefined),
  cannotSeal: (_, cipher) => (cipher === 'ChaCha20-Poly1305' ? CHACHA : undefined),
});
