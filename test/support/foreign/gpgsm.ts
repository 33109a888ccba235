/** gpgsm of GnuPG, with keys in a home of its own. */

import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './place.ts';
import { eachOf, type ForeignTool, isGcm, isRsa } from './tool.ts';

const HOME = 'home';
const PASSPHRASE = 'x\n';
const BATCH = ['--homedir', HOME, '--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase-fd', '0'];

const NO_OAEP = 'libksba reads no RSAES-OAEP: "BER error".';
const NO_GCM = 'libksba does not read the parameters of AES-GCM: "Buffer too short".';
const NO_CHACHA = 'It does not know ChaCha20-Poly1305.';
const NO_SKI = 'It reads no KeyAgreeRecipientInfo with a subjectKeyIdentifier.';
const BY_ISSUER_EC = 'It names recipients by issuer and serial number.';
const NO_EC = 'gpgsm before 2.4 imports no EC key out of PKCS#12.';
const BY_ISSUER = 'It names recipients by issuer and serial number, and encrypts the key by RSAES-PKCS1-v1_5.';

interface GpgsmOptions {
  /** False where it cannot import an EC key by PKCS#12. */
  readonly importsEc: boolean;
}

export function gpgsm(place: Place, name: string, from: string, { importsEc }: GpgsmOptions): ForeignTool {
  const known = new Set<string>();
  async function addKey({ id, privateKey }: { readonly id: string; readonly privateKey: string }): Promise<void> {
    const home = join(place.folder, HOME);
    if (known.size === 0) {
      mkdirSync(home, { mode: 0o700 });
      writeFileSync(join(home, 'gpgsm.conf'), 'disable-crl-checks\n');
      writeFileSync(join(home, 'gpg-agent.conf'), 'allow-loopback-pinentry\ns2k-count 1024\n');
    }
    if (known.has(id)) return;
    known.add(id);
    const key = place.write('key', privateKey);
    const usage = ['-addext', 'keyUsage=digitalSignature,keyEncipherment,keyAgreement'];
    await place.run('openssl', [
      'req',
      '-x509',
      '-key',
      key,
      '-subj',
      `/CN=${id}`,
      '-days',
      '30',
      ...usage,
      '-out',
      'crt',
    ]);
    // What gpgsm before 2.4 reads.
    const by = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'];
    const files = ['-inkey', key, '-in', 'crt', '-passout', 'pass:x', '-out', 'p12'];
    await place.run('openssl', ['pkcs12', '-export', ...by, ...files]);
    const fingerprint = String(await place.run('openssl', ['x509', '-in', 'crt', '-noout', '-fingerprint', '-sha1']));
    appendFileSync(join(home, 'trustlist.txt'), `${fingerprint.split('=')[1]?.trim()} S relax\n`);
    await place.run('gpgsm', [...BATCH, '--import', 'p12'], PASSPHRASE);
  }
  return {
    name,
    from,
    async version() {
      if (!place.has('gpgsm')) return undefined;
      const [, gpg] = /gpgsm \(GnuPG\) (\S+)/.exec(String(await place.run('gpgsm', ['--version']))) ?? [];
      return gpg;
    },
    open: (messages) =>
      eachOf(messages, async ({ key, message }) => {
        // What it cannot import it cannot open either: then the message says so.
        await addKey(key).catch(() => undefined);
        return place.run('gpgsm', [...BATCH, '--decrypt', place.write('message', message)], PASSPHRASE);
      }),
    seal: (tasks) =>
      eachOf(tasks, async ({ key, content }) => {
        await addKey(key);
        const file = place.write('content', content);
        return place.run('gpgsm', [...BATCH, '--recipient', `/CN=${key.id}`, '--encrypt', file], PASSPHRASE);
      }),
    cannotOpen: (keyType, cipher) => {
      if (isRsa(keyType)) return NO_OAEP;
      if (cipher === 'ChaCha20-Poly1305') return NO_CHACHA;
      return isGcm(cipher) ? NO_GCM : NO_SKI;
    },
    cannotSeal: (keyType) => (isRsa(keyType) ? BY_ISSUER : importsEc ? BY_ISSUER_EC : NO_EC),
    async close() {
      if (known.size > 0) await place.run('gpgconf', ['--homedir', HOME, '--kill', 'all']);
      known.clear();
    },
  };
}
