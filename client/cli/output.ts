/** Writing: texts have their controls escaped here, bodies stay as they are. A pipe that is closed early ends the command quietly. */

import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { escapeControls } from './escape.ts';
import { UsageError } from './usage-error.ts';

/** The reader of standard output has gone. */
export class ClosedPipe extends Error {
  override readonly name = 'ClosedPipe';
}

/** To be called once: without a listener an error of a stream ends the program with a stack trace. */
export function watchPipes(): void {
  // What is written to standard output fails by its callback too.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

/** The bytes as they are, all of them written when it returns. @throws {ClosedPipe} */
export function write(bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error === null || error === undefined) resolve();
      else if ((error as NodeJS.ErrnoException).code === 'EPIPE') reject(new ClosedPipe());
      else reject(new Error(`Standard output cannot be written: ${reasonOf(error)}.`));
    });
  });
}

/**
 * A body: to a terminal with a line end behind it, since npx erases a last line that has none.
 * @throws {UsageError} when it is binary and goes to a terminal. As with curl, a zero byte tells.
 */
export async function writeBody(body: Uint8Array): Promise<void> {
  if (process.stdout.isTTY && body.includes(0)) {
    throw new UsageError(
      'The content is binary, and could change how the terminal works: write it to a file by > FILE.',
    );
  }
  await write(body);
  if (process.stdout.isTTY && body.length > 0 && body[body.length - 1] !== 0x0a) await write('\n');
}

/** A line on standard output: a line end in the text is no end of it. */
export const writeLine = (text: string): Promise<void> => write(`${escapeControls(text)}\n`);

/** One line for each member, or JSON. */
export async function print(value: Record<string, string>, { json }: { readonly json?: boolean }): Promise<void> {
  if (json) return writeLine(JSON.stringify(value));
  for (const [name, text] of Object.entries(value)) await writeLine(`${name}: ${text}`);
  return undefined;
}

/** A line on standard error. */
export const writeErrorLine = (text: string): void => void process.stderr.write(`${escapeControls(text)}\n`);

/** A remark beside the result. */
export const note = (text: string): void => writeErrorLine(`cale: ${text}`);

/**
 * Makes sure, as far as that can be, that a file can be written, before there is an answer to lose.
 * @param file undefined, or `-`, for standard output.
 * @throws {UsageError}
 */
export async function expectWritable(file: string | undefined): Promise<void> {
  if (file === undefined || file === '-') return;
  try {
    const found = await stat(file).catch(() => undefined);
    if (found?.isDirectory()) throw new UsageError(`${file} cannot be written: it is a folder.`);
    await access(found === undefined ? dirname(file) : file, constants.W_OK);
  } catch (error) {
    throw error instanceof UsageError ? error : cannotBeWritten(file, error);
  }
}

/** @param file undefined, or `-`, for standard output. */
export async function writeTo(file: string | undefined, bytes: Uint8Array): Promise<void> {
  if (file === undefined) return writeBody(bytes);
  if (file === '-') return write(bytes);
  return writeFile(file, bytes).catch((error: unknown) => {
    throw cannotBeWritten(file, error);
  });
}

const cannotBeWritten = (file: string, error: unknown): UsageError =>
  new UsageError(`${file} cannot be written: ${reasonOf(error)}.`);

const REASONS: Partial<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ENOSPC: 'there is no space left',
};

/** The reason of a system's error in words. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
