/**
 * Prints the scrypt hash of a password, for BASIC_USERS: npm run -s hash-password. At a terminal it asks for the password,
 * twice, and does not show it; otherwise it reads the first line of its standard input.
 */

import { randomBytes, scryptSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

/** Parameters of OWASP's password storage cheat sheet for 16 MiB of memory: N = 2^14, r = 8, p = 5. */
const COST_LOG2 = 14;
const BLOCK_SIZE = 8;
export const PARALLELIZATION = 5;

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

/** What was typed or sent is no password. */
class PasswordError extends Error {}

/** The questions go to the standard error: the output may be a file. */
async function askPassword(): Promise<string> {
  // Here, because tests in workerd import this file for its hashes.
  const { password: ask } = await import('@inquirer/prompts');
  const question = (message: string) => ask({ message }, { output: process.stderr });
  const password = await question('Password:');
  if ((await question('Once more:')) !== password) throw new PasswordError('The passwords differ.');
  return password;
}

async function readFirstLine(): Promise<string> {
  let input = Buffer.of();
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    input = Buffer.concat([input, chunk]);
    if (input.includes('\n')) break;
  }
  const end = input.indexOf('\n');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
      .decode(end < 0 ? input : input.subarray(0, end))
      .replace(/\r$/, '');
  } catch {
    throw new PasswordError('The password is not in UTF-8.');
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const password = await (process.stdin.isTTY ? askPassword() : readFirstLine());
    if (password === '') throw new PasswordError('There is no password.');
    console.log(hashPassword(password));
  } catch (error) {
    const isInterrupted = error instanceof Error && error.name === 'ExitPromptError';
    if (!isInterrupted && !(error instanceof PasswordError)) throw error;
    console.error(isInterrupted ? 'Nothing was done.' : error.message);
    process.exitCode = 1;
  }
}
