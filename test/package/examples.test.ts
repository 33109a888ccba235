/** The snippets of documents that name an example: tests run the examples, and so what documents show. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';

const filesUnder = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));

/** A fenced block whose first line is a comment with the path of an example. */
const QUOTED = /^```\w+\n(?:\/\/|#|<!--) (examples\/\S+)(?: -->)?\n([\s\S]*?)^```$/gm;

const documents = ['README.md', ...filesUnder('docs').filter((file) => file.endsWith('.md'))];
const quotes = documents.flatMap((document) =>
  [...readFileSync(join(ROOT, document), 'utf8').matchAll(QUOTED)].map(([, file = '', text = '']) => ({
    document,
    file,
    text,
  })),
);

test.each(quotes)('$document quotes $file as it is', ({ file, text }) => {
  // Some lines of it, or all.
  expect(`\n${readFileSync(join(ROOT, file), 'utf8')}`).toContain(`\n${text}`);
});

test('each module of an example is quoted as a whole', () => {
  const whole = quotes.filter(({ file, text }) => text === readFileSync(join(ROOT, file), 'utf8'));
  const modules = filesUnder('examples').filter((file) => /(?<!\.d)\.[jt]s$/.test(file));
  expect([...new Set(whole.map(({ file }) => file))].toSorted()).toEqual(modules.toSorted());
});
