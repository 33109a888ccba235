/** The client in `examples/swift`, compiled with stand-ins for the frameworks of Apple that it takes. */

import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from '../../../scripts/workers.ts';
import { NEWER_SYSTEM, Place } from './place.ts';

const STAND_INS = ['CryptoKit.swift', 'Security.swift', 'Tasks.swift', 'module.modulemap', 'openssl.h'];
const SOURCES = [...STAND_INS.map((name) => `test/interop/foreign/swift/${name}`), 'examples/swift/CaleClient.swift'];

const LIBRARIES = '/usr/lib/swift/linux';

/**
 * What `swiftc` makes of it is done here step by step, because it needs more of /proc than there is. Modules of C, which
 * take the most time, are kept for the next run.
 */
const COMPILE = [
  ...['-frontend', '-c', '-parse-as-library', '-Onone', '-disable-objc-interop', '-warnings-as-errors'],
  ...['-target', 'x86_64-pc-linux-gnu', '-resource-dir', '/usr/lib/swift', '-I', '.'],
  ...['-module-cache-path', '/tmp/swift-modules'],
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
    const swift = (program: string, ...args: string[]) => place.run(`/usr/libexec/swift/bin/${program}`, args);
    for (const name of ['CryptoKit', 'Security']) {
      const module = ['-module-name', name, '-emit-module-path', `${name}.swiftmodule`];
      await swift('swift-frontend', ...COMPILE, ...module, `${name}.swift`, '-o', `${name}.o`);
    }
    const client = ['-module-name', 'client', 'CaleClient.swift', 'Tasks.swift'];
    await swift('swift-frontend', ...COMPILE, ...client, '-o', 'client.o');
    const objects = ['CryptoKit.o', 'Security.o', 'client.o'];
    await swift('swift-autolink-extract', ...objects, '-o', 'libraries');
    const runtime = [`${LIBRARIES}/x86_64/swiftrt.o`, '@libraries', `-L${LIBRARIES}`, '-lswiftCore'];
    await place.run('gcc', ['-pie', `-Wl,-rpath,${LIBRARIES}`, ...objects, ...runtime, '-o', 'client']);
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
