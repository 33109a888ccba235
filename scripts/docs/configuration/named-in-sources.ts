/** Settings that sources name as members of an environment, which are not only read when a Worker starts. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../../workers.ts';

const FOLDERS = ['shared', 'origin', 'workers', 'durable-objects', 'template'];
/** Not `import.meta.env`, and not the environment of a process. */
const NAMED = /(?<!process\.|meta\.)\benv\.([A-Z][A-Z0-9_]+)\b/g;

interface Named {
  readonly name: string;
  readonly file: string;
}

const filesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));

const namesIn = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(NAMED)].map(([, name = '']) => name);

/** All of them, each with a file that names it. */
export const namedInSources = (): Named[] =>
  FOLDERS.flatMap(filesOf).flatMap((file) => namesIn(file).map((name) => ({ name, file })));
