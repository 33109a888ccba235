/** The client in `examples/swift`, compiled with stand-ins for the frameworks of Apple that it takes. */

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../../../scripts/workers.ts';
import { NEWER_SYSTEM, Place } from './place.ts';

const STAND_INS = ['CryptoKit.swift', 'Security.swift', 'Tasks.swift', 'module.modulemap', 'openssl.h'];
const SOURCES = [...STAND_INS.map((name) => `test/interop/foreign/swift/${name}`), 'examples/swift/CaleClient.swift'];

/** Modules of C, which take the most time, are kept for the next run. */
const OPTIONS = [
  '-parse-as-library',
  '-Onone',
  '-warnings-as-errors',
  '-I',
  '.',
  '-module-cache-path',
  '/tmp/swift-modules',
];

/** Name of the file that the stand-in for Apple's keychain writes. */
export const KEYCHAIN = 'keychain.json';

export const hasSwift = new Place(NEWER_SYSTEM).has('swiftc');

export class SwiftClient {
  readonly #built = new Place(NEWER_SYSTEM);

  /** @throws with what the compiler says, of warnings too. */
  async compile(): Promise<void> {
    const place = this.#built;
    for (const path of SOURCES) place.write(basename(path), readFileSync(join(ROOT, path)));
    for (const name of ['CryptoKit', 'Security']) {
      await place.run('swiftc', [...OPTIONS, '-c', '-emit-module', '-module-name', name, `${name}.swift`]);
    }
    const sources = ['CaleClient.swift', 'Tasks.swift', 'CryptoKit.o', 'Security.o'];
    await place.run('swiftc', [...OPTIONS, ...sources, '-o', 'client']);
  }

  /**
   * Has it do some tasks, of `test/interop/foreign/swift/Tasks.swift`, in a folder with its keychain.
   *
   * @param credentials for Basic.
   * @returns a line for each.
   * @throws with the sentence that it ends with.
   */
  async perform(place: Place, tasks: readonly string[], credentials = ''): Promise<string[]> {
    const program = `../${basename(this.#built.folder)}/client`;
    const output = await place.run(program, [], tasks.join('\n'), { CALE_BASIC: credentials });
    return String(output).trimEnd().split('\n');
  }

  remove(): void {
    this.#built.remove();
  }
}
