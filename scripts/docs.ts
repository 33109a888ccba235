/** npm run docs: writes the documents that are made of the code; with --check, only tells whether they are fresh. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeConfigurationPage } from './docs/configuration/page.ts';
import { openApiDocument } from './docs/openapi/document.ts';
import { ROOT } from './workers.ts';

const isCheck = process.argv.includes('--check');

const { text, faults } = await writeConfigurationPage();
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
put('docs/configuration.md', text);
put('docs/openapi.json', `${JSON.stringify(openApiDocument, null, 2)}\n`);
// The same in few bytes, which is uploaded with the authority.
put('workers/authority/openapi.txt', `${JSON.stringify(openApiDocument)}\n`);

function put(file: string, text: string): void {
  const path = join(ROOT, file);
  if (!isCheck) {
    writeFileSync(path, text);
  } else if (text !== readIfThere(path)) {
    console.error(`${file} is not what the code says; run: npm run docs`);
    process.exitCode = 1;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
