/** The folder of a deployment's secrets: `secrets`, or one in it for each environment beside production. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class SecretsFolder {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly #root: string;

  /** @param environment undefined for production. */
  constructor(root: string, environment: string | undefined) {
    this.#root = root;
    this.path = environment === undefined ? 'secrets' : join('secrets', environment);
  }

  has(file: string): boolean {
    return existsSync(this.#place(file));
  }

  /** @returns the text without the end of its last line; undefined when there is no such file. */
  read(file: string): string | undefined {
    return this.has(file) ? readFileSync(this.#place(file), 'utf8').trimEnd() : undefined;
  }

  /** Writes a file that only its owner can read. @returns its path, relative to the root. */
  write(file: string, text: string): string {
    mkdirSync(join(this.#root, this.path), { recursive: true, mode: 0o700 });
    writeFileSync(this.#place(file), `${text}\n`, { mode: 0o600 });
    return join(this.path, file);
  }

  #place(file: string): string {
    return join(this.#root, this.path, file);
  }
}
