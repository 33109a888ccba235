/** Python with cryptography and asn1crypto, by `test/interop/foreign/foreign.py`. */

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/workers.ts';
import type { Place } from './place.ts';
import { openTask, runTasks, sealTask } from './program.ts';
import type { ForeignTool } from './tool.ts';

const SOURCES = join(ROOT, 'test/interop/foreign');
/** Debian's, which has the libraries. */
export const PYTHON_PROGRAM = '/usr/bin/python3';

export interface Python extends ForeignTool {
  /** @returns what it makes of the vectors of a folder of this machine, by file and id. */
  judge(folder: string): Promise<Record<string, Record<string, Record<string, unknown>>>>;
}

export function python(place: Place, name: string, from: string): Python {
  const laid = (program: string): string => {
    for (const file of ['cale.py', 'foreign.py', 'vectors.py']) cpSync(join(SOURCES, file), join(place.folder, file));
    return program;
  };
  return {
    name,
    from,
    async version() {
      if (!place.has('python3')) return undefined;
      const print = 'import asn1crypto, cryptography; print(cryptography.__version__)';
      return place.run(PYTHON_PROGRAM, ['-c', print]).then(
        (version) => String(version).trim(),
        () => undefined,
      );
    },
    open: (messages) => runTasks(place, [PYTHON_PROGRAM, laid('foreign.py')], messages.map(openTask)),
    seal: (tasks) => runTasks(place, [PYTHON_PROGRAM, laid('foreign.py')], tasks.map(sealTask)),
    async judge(folder) {
      cpSync(folder, join(place.folder, 'cale-vectors'), { recursive: true });
      return JSON.parse(String(await place.run(PYTHON_PROGRAM, [laid('vectors.py'), 'cale-vectors'])));
    },
    cannotOpen: () => undefined,
    cannotSeal: () => undefined,
  };
}
