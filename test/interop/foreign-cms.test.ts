/** Messages for every type of key in every content encryption: ours opened by others, and theirs by us. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { CONTENT_ENCRYPTION_NAMES } from '../../shared/cms/content-encryption.ts';
import { open } from '../../shared/cms/open.ts';
import { seal } from '../../shared/cms/seal.ts';
import { KEY_TYPE_NAMES } from '../../shared/crypto/keys/key-types.ts';
import { concat, utf8 } from '../../shared/encoding/bytes.ts';
import { interopPage, versionsOn, withoutVersions } from '../support/foreign/page.ts';
import type { Given, ToOpen, ToSeal } from '../support/foreign/tool.ts';
import { closeTools, NEWER_TOOLS, TOOLS } from '../support/foreign/tools.ts';
import { readVectors } from '../support/vectors/files.ts';
import { type ClientKey, importKeys, recipientOf } from '../support/vectors/keys.ts';

const CONTENT = utf8('{"a":"content of more than one block"}');
const PAGE = join(ROOT, 'docs/interop.md');
const ALL_TOOLS = [...TOOLS, ...NEWER_TOOLS];

const versions = await Promise.all(ALL_TOOLS.map((tool) => tool.version()));
const isThere = (at: number): boolean => versions[at] !== undefined;

type Cell = ToOpen & ToSeal;
let cells: readonly Cell[];
let keys: (id: string) => ClientKey;
beforeAll(async () => {
  const file = readVectors().keys;
  if (file === undefined) throw new Error('there are no vectors: npm run vectors');
  keys = await importKeys(file);
  const all = KEY_TYPE_NAMES.flatMap((keyType) =>
    CONTENT_ENCRYPTION_NAMES.map(async (cipher) => {
      const parts = await seal(await recipientOf(keys(keyType)), cipher, CONTENT);
      return { key: keys(keyType), cipher, content: CONTENT, message: concat(parts) };
    }),
  );
  cells = await Promise.all(all);
});
afterAll(closeTools);

const nameOf = ({ key, cipher }: Cell): string => `${key.keyType} ${cipher}`;
/** Cells by their names, each true where it opened. */
const outcomes = (given: readonly boolean[]): Record<string, boolean> =>
  Object.fromEntries(cells.map((cell, at) => [nameOf(cell), given[at] ?? false]));

const isContent = (given: Given | undefined): boolean =>
  given !== undefined && 'bytes' in given && given.bytes.equals(Buffer.from(CONTENT));

async function opens(given: Given | undefined, { key }: Cell): Promise<boolean> {
  if (given === undefined || !('bytes' in given)) return false;
  const options = { allowUnauthenticated: true };
  const opened = await open(Uint8Array.from(given.bytes), keys(key.id).accountKey, options).catch(() => undefined);
  return opened !== undefined && isContent({ bytes: Buffer.from(opened) });
}

describe.each(ALL_TOOLS.map((tool, at) => ({ name: tool.name, tool, at })))('$name', ({ tool, at }) => {
  // Those of this Debian are a part of the set-up; the newer ones need root.
  const isNeeded = process.env['CI'] !== undefined && at < TOOLS.length;

  test.skipIf(!isThere(at) && !isNeeded)('opens what is sealed here, except for what the table says', async () => {
    expect(versions[at], `install ${tool.from}`).toBeDefined();
    const given = await tool.open(cells);
    expect(outcomes(given.map(isContent))).toEqual(
      outcomes(cells.map(({ key, cipher }) => tool.cannotOpen(key.keyType, cipher) === undefined)),
    );
  });

  test.skipIf(tool.seal === undefined || (!isThere(at) && !isNeeded))(
    'makes messages that are opened here, except for what the table says',
    async () => {
      const given = (await tool.seal?.(cells)) ?? [];
      const opened = await Promise.all(cells.map((cell, index) => opens(given[index], cell)));
      expect(outcomes(opened)).toEqual(
        outcomes(cells.map(({ key, cipher }) => tool.cannotSeal(key.keyType, cipher) === undefined)),
      );
    },
  );
});

test('docs/interop.md has the tables', () => {
  const page = process.env['UPDATE'] === undefined ? readFileSync(PAGE, 'utf8') : updatedPage();
  expect(withoutVersions(page)).toBe(withoutVersions(interopPage(ALL_TOOLS, [], '2000-01-01')));
});

/** Writes the page with the versions of this machine; of a tool that is not there, it keeps the one before. */
function updatedPage(): string {
  const before = versionsOn(readFileSync(PAGE, { encoding: 'utf8', flag: 'a+' }));
  const seen = ALL_TOOLS.map(({ name }, at) => versions[at] ?? before.get(name) ?? 'not seen');
  const page = interopPage(ALL_TOOLS, seen, new Date().toISOString().slice(0, 10));
  writeFileSync(PAGE, page);
  return page;
}
