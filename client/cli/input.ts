/** Reading what a command is given, and looking whether it is there. */

import { access, readFile } from 'node:fs/promises';
import { concat } from '../../shared/encoding/bytes.ts';
import { reasonOf } from './output.ts';
import { UsageError } from './usage-error.ts';

/**
 * @param name of a file; `-` is standard input.
 * @throws {UsageError} when it cannot be read.
 */
export async function readInput(name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (name === '-') return readStandardInput();
  const bytes = await readFile(name).catch((error: unknown) => {
    throw new UsageError(`${name} cannot be read: ${reasonOf(error)}.`);
  });
  return new Uint8Array(bytes);
}

async function readStandardInput(): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  // A chunk can be a view of a larger buffer.
  return concat(chunks).slice();
}

/** True when there is a file or a folder of the name. */
export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
