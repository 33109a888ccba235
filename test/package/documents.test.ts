/** Statements of documents on files, which the files have to bear out. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';

const SOURCES = ['shared', 'client', 'origin', 'workers', 'durable-objects', 'demo', 'scripts'];
/** Generated: by scripts/types.ts, by scripts/docs.ts, and by wrangler while the Workers run; or of others. */
const GENERATED = /\/env\.d\.ts$|\/openapi\.txt$|\/\.wrangler\/|\/node_modules\//;

/** Paths in the list items of the section whose heading has the word; those are in backticks. */
function listedUnder(word: string): string[] {
  const sections = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').split(/^(?=#+ )/m);
  const found = sections.filter((section) => section.slice(0, section.indexOf('\n')).includes(word));
  expect(found, `sections of CONTRIBUTING.md whose heading has ${word}`).toHaveLength(1);
  return [...(found[0] ?? '').matchAll(/^\s*[-*] .*?`([^`]+)`/gm)].map(([, path = '']) => path);
}

/** Source files that contain the text. */
const sourcesWith = (text: string): string[] =>
  SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)))
      .filter((path) => !GENERATED.test(path) && readFileSync(join(ROOT, path), 'utf8').includes(text)),
  );

test('P-521 is written in the files that CONTRIBUTING.md lists, and in no others', () => {
  expect(listedUnder('P-521').toSorted()).toEqual(sourcesWith('P-521').toSorted());
});

/** A path in backticks, and the titles of tests in quotes that are in brackets behind it. */
const NAMED = /`((?:test|shared|client|origin|workers|durable-objects|demo|scripts)\/[^`\s]*)`(?:\s+\(("[^)]*)\))?/g;

test.each(['docs/conformance.md', 'docs/architecture.md', 'CONTRIBUTING.md', 'SECURITY.md'])(
  '%s names files that are there, and titles that are in them',
  (document) => {
    const faults: string[] = [];
    for (const [, path = '', titles = ''] of readFileSync(join(ROOT, document), 'utf8').matchAll(NAMED)) {
      if (!existsSync(join(ROOT, path))) faults.push(path);
      else if (titles !== '') {
        const text = readFileSync(join(ROOT, path), 'utf8').replaceAll('\\', '');
        for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
          if (!text.includes(title.replace(/\s+/g, ' '))) faults.push(`${path}: ${title}`);
        }
      }
    }
    expect(faults).toEqual([]);
  },
);
