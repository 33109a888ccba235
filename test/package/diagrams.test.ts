/** The pictures of documents that are written in Mermaid: Mermaid itself parses and draws each, in Chromium. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { readBlocks } from '../support/blocks.ts';
import { CHROMIUM, CHROMIUM_FLAGS, hasChromium } from '../support/chromium.ts';

const PAGES = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file));

const DIAGRAMS = PAGES.flatMap((page) =>
  readBlocks(page)
    .filter(({ language }) => language === 'mermaid')
    .map(({ text }, at) => [`${page}, ${at + 1}`, text] as const),
);

test('architecture.md has a picture of the parties, of each flow and of the layers', () => {
  const kinds = DIAGRAMS.filter(([name]) => name.startsWith('docs/architecture.md')).map(
    ([, text]) => /\w+/.exec(text)?.[0],
  );
  const flows = Array<string>(5).fill('sequenceDiagram');
  expect(kinds).toEqual(['flowchart', ...flows, 'flowchart']);
});

describe.skipIf(!hasChromium)('Mermaid', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
    page = await browser.newPage();
    await page.addScriptTag({ path: join(ROOT, 'node_modules/mermaid/dist/mermaid.min.js') });
    await page.evaluate('mermaid.initialize({ startOnLoad: false })');
  });
  afterAll(() => browser.close());

  /** @returns the text that is in the picture. */
  const draw = (text: string): Promise<string> =>
    page.evaluate(`(async () => {
      await mermaid.parse(${JSON.stringify(text)});
      const { svg } = await mermaid.render('picture', ${JSON.stringify(text)});
      const holder = document.createElement('div');
      holder.innerHTML = svg;
      return holder.textContent;
    })()`);

  test.each(DIAGRAMS)('draws %s', async (_, text) => {
    const drawn = await draw(text);
    for (const [, label = ''] of text.matchAll(/^ *(?:participant|\w+-?-?>>\w+:) +(.+)$/gm)) {
      expect(drawn).toContain(label);
    }
  });

  test('takes none that is written wrong', async () => {
    const [, text = ''] = DIAGRAMS.find(([, each]) => each.startsWith('sequenceDiagram')) ?? [];
    await expect(draw(text.replace('-->>', '-->>>>'))).rejects.toThrow(/Parse error|Lexical error/);
  });
});
