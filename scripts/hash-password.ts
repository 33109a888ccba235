/**
 * Prints the scrypt hash of a password, for BASIC_USERS: npm run -s hash-password. At a terminal it asks for the password,
 * twice, and does not show it; otherwise it reads the first line of its standard input.
 */

import { password as ask } from '@inquirer/prompts';
import { hashPassword } from './scrypt-hash.ts';

/** What was typed or sent is no password. */
class PasswordError extends Error {}

/** The questions go to the standard error: the output may be a file. */
async function askPassword(): Promise<string> {
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
