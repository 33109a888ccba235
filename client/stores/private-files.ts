/** Files and folders that only this user may look into. Windows has no such modes: there nothing is asserted. */

import { open, stat } from 'node:fs/promises';
import process from 'node:process';
import { CaleError } from '../errors.ts';

/** Every right of the group and of others. */
const RIGHTS_OF_OTHERS = 0o077;

const hasModes = process.platform !== 'win32';

/** @throws {CaleError} `storage`, with the command that mends it. A folder that is not there is as good as a private one. */
export async function assertPrivateFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  // Of anything else the next call says what is wrong with it.
  if (!hasModes || found === undefined || !found.isDirectory()) return;
  const user = process.getuid?.();
  if (user !== undefined && found.uid !== user) {
    throw exposed(`${path} belongs to another user`, `sudo chown -R ${user} ${quote(path)}`);
  }
  if ((found.mode & RIGHTS_OF_OTHERS) !== 0) {
    throw exposed(`${path} is open to other users`, `chmod 700 ${quote(path)}`);
  }
}

/**
 * @returns the text of a file.
 * @throws {CaleError} `storage`, with the command that mends it, when others may read or write the file.
 */
export async function readPrivateFile(path: string): Promise<string> {
  const file = await open(path);
  try {
    // Of the file that is read, which another one can take the place of in the meantime.
    const { mode } = await file.stat();
    if (hasModes && (mode & RIGHTS_OF_OTHERS) !== 0) {
      throw exposed(`${path} is open to other users`, `chmod 600 ${quote(path)}`);
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

const exposed = (found: string, command: string): CaleError =>
  new CaleError('storage', { message: `${found}: \`${command}\` mends it.` });

/** A word of a shell. */
const quote = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replace(/'/g, "'\\''")}'`);
