/** A place that programs run in: this machine, or a folder with those of a newer Debian. Files are in a folder of it. */

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/workers.ts';

/** Programs of the Debian after this one, which `test/interop/foreign/newer-tools` lays there. */
export const NEWER_SYSTEM = join(ROOT, 'build/newer-tools');

export class Place {
  /** Folder of another system; undefined for this one. */
  readonly root: string | undefined;
  #folder: string | undefined;

  constructor(root?: string) {
    this.root = root;
  }

  /** True when the program is there. */
  has(program: string): boolean {
    if (this.root !== undefined) return process.getuid?.() === 0 && existsSync(join(this.root, 'usr/bin', program));
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  /** Path of the folder that programs run in, from outside. */
  get folder(): string {
    if (this.#folder === undefined) {
      const base = this.root === undefined ? tmpdir() : join(this.root, 'tmp');
      mkdirSync(base, { recursive: true });
      this.#folder = mkdtempSync(join(base, 'cale-'));
    }
    return this.#folder;
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.folder, name), content);
    return name;
  }

  read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  /** @throws with what the program says, when it does not end well. */
  run(program: string, args: readonly string[], input: string | Uint8Array = '', env: Record<string, string> = {}) {
    const inside = this.root === undefined ? undefined : this.folder.slice(this.root.length);
    const assigned = Object.entries({ LC_ALL: 'C', ...env }).map(([name, value]) => `${name}=${value}`);
    // Some programs do not go on without /proc. What is mounted here is there for this one only.
    const command =
      this.root === undefined || inside === undefined
        ? ['env', ...assigned, program, ...args]
        : [
            'unshare',
            `--mount-proc=${this.root}/proc`,
            'chroot',
            this.root,
            '/usr/bin/env',
            `--chdir=${inside}`,
            ...assigned,
            program,
            ...args,
          ];
    const [first = '', ...others] = command;
    return new Promise<Buffer>((resolve, reject) => {
      const options = { cwd: this.folder, encoding: 'buffer', maxBuffer: 1 << 26, timeout: 60_000 } as const;
      const child = execFile(first, others, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(String(stderr).trim() || error.message));
      });
      // It may end without having read its input.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }

  remove(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true });
    this.#folder = undefined;
  }
}
