/** Messages that the library does not make, by the program openssl. They are made once, and then kept. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bytes } from './bytes.ts';

/**
 * @param privateKey in PEM.
 * @param options of `openssl cms -encrypt`, behind the recipient.
 * @returns DER of AuthEnvelopedData with AES-256-GCM.
 */
export function sealByOpenssl(privateKey: string, content: Uint8Array, options: readonly string[]): Bytes {
  const folder = mkdtempSync(join(tmpdir(), 'cale-vectors-'));
  const run = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    writeFileSync(join(folder, 'key'), privateKey);
    writeFileSync(join(folder, 'content'), content);
    run('req', '-x509', '-key', 'key', '-subj', '/CN=phone', '-days', '3650', '-out', 'certificate');
    const [first = '', ...others] = options;
    const names = first === '-keyid' ? [first] : [];
    const rest = first === '-keyid' ? others : options;
    const common = ['cms', '-encrypt', '-binary', '-noindef', '-outform', 'DER', '-aes-256-gcm', '-in', 'content'];
    return Uint8Array.from(run(...common, ...names, '-recip', 'certificate', ...rest));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
