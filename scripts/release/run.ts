import { spawnSync } from 'node:child_process';
import { ReleaseError } from './error.ts';

/** @returns what the command prints. @throws {ReleaseError} when it fails, with what it says. */
export function runIn(folder: string, command: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...(input !== undefined && { input }),
  });
  if (status === 0) return stdout.trim();
  throw new ReleaseError(`${command} ${args[0] ?? ''} failed: ${error?.message ?? stderr.trim()}`);
}
