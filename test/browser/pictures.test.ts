/**
 * The pictures of the tour that README.md shows. `CALE_PICTURES=docs/pictures npm run test:browser -- pictures` makes them
 * again; without that variable they go to test-results/pictures, and those that are committed stay as they are.
 */

import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { blocksOf } from '../support/blocks.ts';
import { hasChromium } from '../support/chromium.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { Visitor } from '../support/visitor.ts';

const COMMITTED = join(ROOT, 'docs/pictures');
const FOLDER = resolve(ROOT, process.env['CALE_PICTURES'] ?? 'test-results/pictures');
/** Of each picture. A clone has all of them. */
const MAX_BYTES = 150 * 1024;
const SIZE = { width: 1200, height: 660 };

describe.skipIf(!hasChromium)('a picture', () => {
  let harness: Harness;
  let visitor: Visitor;
  const made: string[] = [];

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    harness = await startHarness({ vars: { edge: { DEMO: 'on', TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } } });
    visitor = await Visitor.enter(new URL(harness.url).origin);
    await visitor.page.setViewportSize(SIZE);
  });
  afterAll(async () => {
    await visitor.leave();
    await harness.server.close();
  });

  test.each(['light', 'dark'] as const)('is small, and shows both sides: %s', async (colorScheme) => {
    const { page } = visitor;
    const shoot = async (name: string) => {
      const file = `${name}-${colorScheme}.png`;
      const picture = await page.screenshot({ path: join(FOLDER, file) });
      expect(picture.length, file).toBeLessThan(MAX_BYTES);
      made.push(file);
    };
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(harness.url.href);
    await visitor.arrive();
    await shoot('tour');
    await page.click('#try-give');
    await visitor.until('#status', /unreadable/);
    await shoot('given-away');
  });

  test('that is committed is one that is made here, and small', () => {
    const names = readdirSync(COMMITTED);
    expect(names.toSorted()).toEqual(made.toSorted());
    for (const name of names) expect(statSync(join(COMMITTED, name)).size, name).toBeLessThan(MAX_BYTES);
  });
});

test('the command of docs/demo.md runs this file, for the folder of those that are committed', () => {
  const command = blocksOf('docs/demo.md')('CALE_PICTURES').text;
  const [, folder, script = '', filter = ''] = /^CALE_PICTURES=(\S+) npm run (\S+) -- (\S+)\n$/.exec(command) ?? [];
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(folder).toBe(relative(ROOT, COMMITTED));
  expect(scripts[script]).toContain('--project browser');
  expect(basename(import.meta.filename)).toContain(filter);
});
