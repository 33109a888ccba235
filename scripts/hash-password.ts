/** Prints the scrypt hash of a password, for BASIC_USERS: npm run -s hash-password, then the password on a line. */

import { createInterface } from 'node:readline';
import { hashPassword } from './scrypt-hash.ts';

for await (const password of createInterface({ input: process.stdin })) {
  console.log(hashPassword(password));
  break;
}
