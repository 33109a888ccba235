/** docs/clients.md: its commands and its program are run as they stand there, and print what it says. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { readBlocks } from '../support/blocks.ts';
import { CaleShell, MAIN } from '../support/cale-shell.ts';
import { freePort } from '../support/free-port.ts';
import type {} from '../support/provided.ts';

const EDGE = inject('edge');
/** Those that show an example are held by the tests of the example. */
const BLOCKS = readBlocks('docs/clients.md').filter(
  ({ language, text }) => ['sh', 'js'].includes(language) && !text.startsWith('// examples/'),
);
const blocksIn = (language: string) => BLOCKS.filter((block) => block.language === language);
const here = (text: string): string => text.replaceAll('127.0.0.1:8787', new URL(EDGE).host);

let shell: CaleShell;
beforeAll(async () => {
  shell = await CaleShell.create();
});
afterAll(() => shell.remove());

test('every block of commands or of a program is followed by what it prints', () => {
  expect(BLOCKS.filter(({ prints }) => prints === '')).toEqual([]);
  expect(BLOCKS.length).toBeGreaterThan(4);
});

test('the commands print what the page says', async () => {
  const port = await freePort();
  const command = `"${process.execPath}" --disable-warning=ExperimentalWarning "${MAIN}"`;
  const blocks = blocksIn('sh').map(({ text }) => `${text}\nprintf '%s\\n' '--- end ---'`);
  const script = here(['set -eu', ...blocks].join('\n')).replaceAll('8788', String(port));
  // `$!` is then the command itself, and not a shell around it.
  const own = script.replaceAll('npx cale', command);
  const { code, stdout, stderr } = await shell.run('bash', ['-c', own], { env: { CALE_PASSPHRASE: '' } });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // Bodies have a line end behind them at a terminal only.
  const withoutEnds = (text: string): string => text.replaceAll('\n', '');
  const expected = blocksIn('sh').map(({ prints }) => withoutEnds(here(prints)));
  expect(stdout.split('--- end ---\n').map(withoutEnds)).toEqual([...expected, '']);
});

test('the program prints what the page says', async () => {
  for (const { text, prints } of blocksIn('js')) {
    const file = join(shell.home, 'program.mjs');
    await writeFile(file, here(text).replace("'cale-workers/client'", `'${join(ROOT, 'client/index.ts')}'`));
    const args = ['--disable-warning=ExperimentalWarning', file];
    expect(await shell.run(process.execPath, args)).toEqual({ code: 0, stdout: `${prints}\n`, stderr: '' });
  }
});
