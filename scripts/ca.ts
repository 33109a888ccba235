/** npm run ca: an authority and the keys of an origin, into the folder secrets/, which is never committed. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createAuthority, createOriginKey, type KeyAndCertificate } from './certificates.ts';
import { ROOT } from './workers.ts';

const USAGE = `npm run ca -- init [--organization example.com]
Makes secrets/authority.{key,pem}, and secrets/origin-signing.{key,pem} and secrets/origin-encryption.{key,pem} by it.`;

const { positionals, values } = parseArgs({
  options: { organization: { type: 'string', default: 'example.com' } },
  allowPositionals: true,
});
const folder = join(ROOT, 'secrets');

if (positionals.join() !== 'init') {
  console.error(USAGE);
  process.exit(2);
}
if (existsSync(join(folder, 'authority.key'))) {
  console.error('secrets/authority.key is there already. Move it away to make another authority.');
  process.exit(1);
}

const authority = await createAuthority('CALE authority', 'P-256', values.organization);
write('authority', authority);
write('origin-signing', await createOriginKey(authority, 'signing'));
write('origin-encryption', await createOriginKey(authority, 'encryption'));
console.log(`In secrets/, each a private key (.key) and its certificate (.pem):
  authority          AUTHORITY_KEY, AUTHORITY_CERTIFICATES of the authority; AUTHORITY_CERTIFICATES of origin and resource
  origin-signing     ORIGIN_SIGNING_KEY, ORIGIN_SIGNING_CERTIFICATES of the origin
  origin-encryption  ORIGIN_ENCRYPTION_KEY, ORIGIN_ENCRYPTION_CERTIFICATES of the origin`);

function write(name: string, { key, certificate }: KeyAndCertificate): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, `${name}.key`), key, { mode: 0o600, flag: 'wx' });
  writeFileSync(join(folder, `${name}.pem`), certificate, { flag: 'wx' });
}
