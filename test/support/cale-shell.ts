/** A shell in which the command is run, with keys of its own. */

import { type ExecFileException, execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/workers.ts';

export const PASSPHRASE = 'a passphrase of the test';
export const MAIN = join(ROOT, 'client/cli/main.ts');

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly input?: string | Uint8Array;
}

export class CaleShell {
  /** The folder of the keys. */
  readonly home: string;

  private constructor(home: string) {
    this.home = home;
  }

  static async create(): Promise<CaleShell> {
    return new CaleShell(await mkdtemp(join(tmpdir(), 'cale-home-')));
  }

  get env(): NodeJS.ProcessEnv {
    return { ...process.env, CALE_HOME: this.home, CALE_PASSPHRASE: PASSPHRASE };
  }

  readonly cale = (...args: string[]): Promise<Result> => this.run(process.execPath, [MAIN, ...args]);

  readonly caleWith = (options: RunOptions, ...args: string[]): Promise<Result> =>
    this.run(process.execPath, [MAIN, ...args], options);

  run(command: string, args: readonly string[], { env = {}, input = '' }: RunOptions = {}): Promise<Result> {
    return new Promise((resolve) => {
      const child = execFile(
        command,
        args,
        { env: { ...this.env, ...env }, cwd: this.home },
        (error: ExecFileException | null, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.end(input);
    });
  }

  remove(): Promise<void> {
    return rm(this.home, { recursive: true });
  }
}
