/**
 * Writes what TypeDoc reads: a file for each entry of the package, which names it as programs import it. It leads to the
 * declarations in dist/, so the reference is of what is published.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../workers.ts';

const FOLDER = join(ROOT, 'build/api');

const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  exports: Record<string, { types?: string }>;
};

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const [entry, { types }] of Object.entries(exports)) {
  if (types === undefined) continue;
  const file = entry.slice('./'.length).replaceAll('/', '-');
  const specifier = name + entry.slice('.'.length);
  const declarations = readFileSync(join(ROOT, types), 'utf8');
  const [, summary = ''] = /^\/\*\*\s*(.*?)\s*\*\//s.exec(declarations) ?? [];
  const lines = summary.split(/\n\s*\*? ?/);
  writeFileSync(
    join(FOLDER, `${file}.ts`),
    `/**\n${[...lines, `@module ${specifier}`].map((line) => ` * ${line}\n`).join('')} */\n\nexport * from '${specifier}';\n`,
  );
}
