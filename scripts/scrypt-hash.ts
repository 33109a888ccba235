/** Hashes of passwords for BASIC_USERS. */

import { randomBytes, scryptSync } from 'node:crypto';

/** Parameters of OWASP's password storage cheat sheet for 16 MiB of memory: N = 2^14, r = 8, p = 5. */
const COST_LOG2 = 14;
const BLOCK_SIZE = 8;
const PARALLELIZATION = 5;

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/**
 * @param password in any form of Unicode: its NFC is hashed, as the edge does it (RFC 7617 2.1).
 * @returns the PHC string of a hash with a salt of its own.
 */
export function hashPassword(password: string, parallelization = PARALLELIZATION): string {
  const salt = randomBytes(16);
  const options = { N: 2 ** COST_LOG2, r: BLOCK_SIZE, p: parallelization, maxmem: 64 * 1024 * 1024 };
  const hash = scryptSync(password.normalize('NFC'), salt, 32, options);
  return `$scrypt$ln=${COST_LOG2},r=${BLOCK_SIZE},p=${parallelization}$${unpadded(salt)}$${unpadded(hash)}`;
}
