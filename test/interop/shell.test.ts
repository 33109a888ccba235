/** The client of shell commands in docs/protocol/shell.md: its blocks are run as they stand there, against all Workers. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { type Block, readBlocks } from '../support/blocks.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const PAGE = readFileSync(join(ROOT, 'docs/protocol/shell.md'), 'utf8');

const RECIPES = readBlocks('docs/protocol/shell.md').filter(({ language }) => language === 'sh');
const END = '--- end of a block ---';

let harness: Harness;
let edge: string;
beforeAll(async () => {
  // curl sees no TLS here.
  harness = await startHarness({ vars: { edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } } });
  edge = new URL(harness.url).origin;
});
afterAll(() => harness.server.close());

/** @returns what each block prints. @throws when a command fails. */
function run(shell: string, recipes: readonly Block[]): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'cale-shell-'));
  const script = ['set -eu', ...recipes.map(({ text }) => `${text}\nprintf '\\n%s\\n' '${END}'`)].join('\n');
  return new Promise<string[]>((resolve, reject) => {
    execFile(shell, ['-c', script], { cwd: directory }, (error, stdout) => {
      if (error === null) resolve(stdout.split(`${END}\n`).map((each) => each.trim()));
      else reject(error);
    });
  }).finally(() => rmSync(directory, { recursive: true }));
}

/** The recipes for this edge, with something else in place of each of some words. */
function recipesWith(...changes: (readonly [from: string, to: string])[]): Block[] {
  const all = [['https://api.example.com', edge], ...changes] as const;
  for (const [from] of all) expect(RECIPES.some(({ text }) => text.includes(from))).toBe(true);
  return RECIPES.map((recipe) => ({
    ...recipe,
    text: all.reduce((text, [from, to]) => text.replaceAll(from, to), recipe.text),
  }));
}

async function expectToPrint(shell: string, recipes: readonly Block[]): Promise<void> {
  const printed = await run(shell, recipes);
  expect(printed).toEqual([...recipes.map(({ prints }) => prints), '']);
}

test('the page has blocks that print something', () => {
  expect(RECIPES.filter(({ prints }) => prints !== '')).toHaveLength(7);
});

test.each(['bash', 'sh'])('the blocks of the page do in %s what it says', async (shell) => {
  await expectToPrint(shell, recipesWith());
});

describe('with another key, as the page says,', () => {
  const EC = '-algorithm EC -pkeyopt ec_paramgen_curve:P-256';
  const SIGN = '-sha256 -sign';

  test.each([
    ['P-384', '-sha384', '%96s'],
    ['P-521', '-sha512', '%132s'],
  ])('%s', async (curve, hash, width) => {
    for (const word of [hash, width]) expect(PAGE).toContain(`\`${word}\``);
    const changes = [
      [EC, EC.replace('P-256', curve)],
      [SIGN, SIGN.replace('-sha256', hash)],
      ['%64s', width],
    ] as const;
    await expectToPrint('bash', recipesWith(...changes));
  });

  test('RSA-2048', async () => {
    const [, sign = ''] = /With an RSA key `sign` is `([^`]*)`/.exec(PAGE.replaceAll(/\s+/g, ' ')) ?? [];
    const [, body = expect.unreachable()] = /^sign\(\) \{\n(.*?)\n\}/ms.exec(PAGE) ?? [];
    expect(sign).toContain('openssl dgst');
    await expectToPrint('bash', recipesWith([EC, '-algorithm RSA -pkeyopt rsa_keygen_bits:2048'], [body, sign]));
  });
});

test.each([
  ['is for another path', ['"$EDGE/resource" | open_answer > answer', '"$EDGE/note" | open_answer > answer']],
  [
    'has another content',
    ['-in signer.pem -noout -pubkey > signer.pub', '-in signer.pem -noout -pubkey > signer.pub; echo >> content'],
  ],
] as const)('an answer that %s does not verify', async (_, change) => {
  const verifying = RECIPES.findIndex(({ prints }) => prints.startsWith('Verified OK'));
  expect((await run('bash', recipesWith(change)))[verifying]).not.toContain('alice');
});

test('a command that fails, fails the test', async () => {
  await expect(run('bash', recipesWith(['alice:wonderland', 'alice:guess']))).rejects.toThrow();
});
