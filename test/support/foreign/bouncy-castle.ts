/** Bouncy Castle, by `test/interop/foreign/Foreign.java`. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/workers.ts';
import type { Place } from './place.ts';
import { openTask, runTasks, sealTask } from './program.ts';
import type { ForeignTool, Given } from './tool.ts';

const SOURCE = join(ROOT, 'test/interop/foreign/Foreign.java');

export interface BouncyCastle extends ForeignTool {
  run(tasks: readonly (readonly string[])[]): Promise<Given[]>;
}

/** @param root folder of the system that the jars are taken of; Java is that of `place`. */
export function bouncyCastle(place: Place, root: string, name: string, from: string): BouncyCastle {
  const jars = ['bcprov', 'bcutil', 'bcpkix'].map((jar) => join(root, `usr/share/java/${jar}.jar`));
  let compiled: Promise<Buffer> | undefined;
  async function run(tasks: readonly (readonly string[])[]): Promise<Given[]> {
    compiled ??= place.run('javac', ['-cp', jars.join(':'), '-d', '.', SOURCE]);
    await compiled;
    // Without the second compiler: it takes half of the time, and such a short run has no use for it.
    const command = ['java', '-XX:TieredStopAtLevel=1', '-cp', ['.', ...jars].join(':'), 'Foreign'];
    return runTasks(place, command, tasks);
  }
  return {
    name,
    from,
    run,
    async version() {
      if (!place.has('javac') || !jars.every((jar) => existsSync(jar))) return undefined;
      const [given] = await run([['version']]);
      if (given === undefined || 'error' in given) throw new Error(given?.error);
      return String(given.bytes);
    },
    open: (messages) => run(messages.map(openTask)),
    seal: (tasks) => run(tasks.map(sealTask)),
    async close() {
      compiled = undefined;
    },
    cannotOpen: () => undefined,
    cannotSeal: (_, cipher) =>
      cipher === 'ChaCha20-Poly1305' ? 'Its CMS has no ChaCha20-Poly1305; its ciphers open it.' : undefined,
  };
}
