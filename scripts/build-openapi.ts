/** Builds the description of the edge's interface, in one line of JSON: a text that the edge is bundled with. */

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from './docs/openapi/document.ts';
import { ROOT } from './workers.ts';

const OUTPUT = join(ROOT, 'build/openapi.txt');

mkdirSync(join(ROOT, 'build'), { recursive: true });
// Several builds may run at once: each sees a whole file.
writeFileSync(`${OUTPUT}.${process.pid}`, JSON.stringify(openApiDocument));
renameSync(`${OUTPUT}.${process.pid}`, OUTPUT);
