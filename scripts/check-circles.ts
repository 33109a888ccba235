/** Fails when files, or folders side by side, import each other in a circle. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCircle, foldersOf, importsOf } from './circles.ts';
import { ROOT } from './workers.ts';

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], { cwd: ROOT, encoding: 'utf8' });
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(ROOT, file)));
const imports = importsOf(new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')])));

for (const [kind, graph] of [['files', imports] as const, ['folders', foldersOf(imports)] as const]) {
  const circle = findCircle(graph);
  if (circle === undefined) continue;
  console.error(`A circle of ${kind}: ${circle.join(' → ')}`);
  process.exitCode = 1;
}
