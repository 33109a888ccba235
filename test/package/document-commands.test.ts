/** What documents tell to type or to copy: each block is named by a test, and each script and folder is there. */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { blocksOf, readBlocks } from '../support/blocks.ts';

const filesUnder = (folder: string, end: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(end) && !path.includes('node_modules'))
    .map((path) => join(folder, path));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...['docs', 'template', 'examples'].flatMap((folder) => filesUnder(folder, '.md')),
];

/** Languages of what is run, and of what programs read. */
const LANGUAGES = new Set(['sh', 'js', 'ts', 'html', 'python', 'java', 'go', 'php', 'cs', 'swift', 'toml', 'json']);

/** Languages of pictures, which `diagrams.test.ts` draws, and of what is only shown. */
const OTHERS = new Set(['mermaid', 'text', '']);

/** Pages of which a test takes all blocks, whatever they are. */
const TAKEN_WHOLE: Readonly<Record<string, string>> = {
  'docs/clients.md': 'test/client/clients-document.test.ts',
  'docs/protocol/shell.md': 'test/interop/shell.test.ts',
  'examples/go/README.md': 'test/interop/recipes.test.ts',
  'examples/java/README.md': 'test/interop/recipes.test.ts',
  'examples/php/README.md': 'test/interop/recipes.test.ts',
  'examples/python/README.md': 'test/interop/recipes.test.ts',
};

/** A file of examples, which tests run: `examples.test.ts` holds that the block is a part of it. */
const QUOTES_EXAMPLE = /^(?:\/\/|#|<!--) examples\//;

const TESTS = filesUnder('test', '.test.ts').map(read);

/** The strings of the tests that ask for blocks of the page. */
const stringsFor = (page: string): string[] =>
  TESTS.filter((test) => test.includes(`blocksOf('${page}')`)).flatMap((test) =>
    [...test.matchAll(/'([^'\n]*)'|"([^"\n]*)"/g)].map(([, single, double]) =>
      (single ?? double ?? '').replaceAll('\\n', '\n'),
    ),
  );

const LEAST_LENGTH = 4;

/** Blocks that no test asks for, by a string that no other block of the page has. */
function unnamed(page: string): string[] {
  const blocks = readBlocks(page);
  const names = stringsFor(page).filter(
    (name) => name.length >= LEAST_LENGTH && blocks.filter(({ text }) => text.includes(name)).length === 1,
  );
  return blocks
    .filter(({ language, text }) => LANGUAGES.has(language) && !QUOTES_EXAMPLE.test(text))
    .filter(({ text }) => !names.some((name) => text.includes(name)))
    .map(({ text }) => text);
}

test('no block is in a language that no test knows', () => {
  const languages = PAGES.flatMap((page) => readBlocks(page).map(({ language }) => language));
  expect(languages.filter((language) => !LANGUAGES.has(language) && !OTHERS.has(language))).toEqual([]);
});

test('each block is named by a test of its page', () => {
  const pages = PAGES.filter((page) => TAKEN_WHOLE[page] === undefined);
  expect(pages.flatMap((page) => unnamed(page).map((text) => `${page}:\n${text}`))).toEqual([]);
});

test.each(Object.entries(TAKEN_WHOLE))('%s has blocks, and %s is there', (page, file) => {
  expect(readBlocks(page).length).toBeGreaterThan(0);
  expect(existsSync(join(ROOT, file))).toBe(true);
});

test('the scripts that documents name are those of the package or of its template', () => {
  const scriptsOf = (manifest: string) => Object.keys(JSON.parse(read(manifest)).scripts);
  const scripts = new Set([...scriptsOf('package.json'), ...scriptsOf('template/package.json')]);
  const named = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !scripts.has(name ?? ''))).toEqual([]);
});

test('the commands of CONTRIBUTING.md are those of .ci/run, beside npm run dev', () => {
  const commands = blocksOf('CONTRIBUTING.md')('npm run check')
    .text.replaceAll(/ +#.*$/gm, '')
    .trim()
    .split('\n');
  const run = new Set(
    read('.ci/run')
      .split('\n')
      .map((line) => line.replace(/^(npm test) .*/, '$1')),
  );
  expect(commands.filter((command) => !run.has(command))).toEqual(['npm run dev']);
  const [, project, folder = ''] = /`npx vitest run --project (\S+) (\S+)`/.exec(read('CONTRIBUTING.md')) ?? [];
  expect(folder.startsWith(`test/${project}/`) && existsSync(join(ROOT, folder))).toBe(true);
});

test('npm run bench measures the parts that docs/performance.md names', () => {
  const [sentence = ''] = /`npm run bench` measures all;.*?measures a part/s.exec(read('docs/performance.md')) ?? [];
  const parts = [...sentence.matchAll(/`(?:npm run bench )?(\w+)`/g)].map(([, part]) => part);
  const { stderr } = spawnSync('npm', ['run', '-s', 'bench', 'nothing'], { cwd: ROOT, encoding: 'utf8' });
  expect(stderr).toBe(`There is no nothing to measure, only: ${parts.join(', ')}.\n`);
});
