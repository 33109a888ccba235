/** Links of documents lead somewhere: to files that are there, and to headings that are in them. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';

const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...['docs', 'template', 'examples'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
      .map((path) => join(folder, path)),
  ),
];

const withoutBlocks = (text: string): string => text.replaceAll(/^( *)```.*?^\1```$/gms, '');
const read = (page: string): string => withoutBlocks(readFileSync(join(ROOT, page), 'utf8'));

/** The anchors of a page, as GitHub makes them of its headings. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of read(page).matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
    const slug = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Targets of links and pictures, in Markdown and in HTML, and of references. Those in code are none. */
function targetsOf(text: string): string[] {
  const prose = text.replaceAll(/`[^`\n]*`/g, (code) => 'x'.repeat(code.length));
  return [
    ...prose.matchAll(/\]\(<?([^)\s>]+)>?\)/g),
    ...prose.matchAll(/^\[[^\]]+\]: +(\S+)/gm),
    ...prose.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g),
  ].map(([, target = '']) => target);
}

/** @returns what is wrong with a link of a page; undefined when it leads somewhere. */
function faultOf(page: string, target: string): string | undefined {
  if (/^https?:\/\//.test(target)) return URL.canParse(target) ? undefined : 'it is no URL';
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (file.startsWith('..') || !existsSync(join(ROOT, file))) return 'there is no such file';
  if (anchor === undefined) return undefined;
  if (!file.endsWith('.md') || statSync(join(ROOT, file)).isDirectory()) return 'only pages have anchors';
  return anchorsOf(file).has(anchor) ? undefined : 'there is no such heading';
}

test('all links lead somewhere', () => {
  const links = PAGES.flatMap((page) => targetsOf(read(page)).map((target) => ({ page, target })));
  expect(links.length).toBeGreaterThan(300);
  const faults = links.flatMap(({ page, target }) => {
    const fault = faultOf(page, target);
    return fault === undefined ? [] : [`${page}: ${target}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

test('a link that leads nowhere is found', () => {
  const page = 'docs/operations.md';
  expect(faultOf(page, '../README.md')).toBeUndefined();
  expect(faultOf(page, '#changing-the-number-of-shards')).toBeUndefined();
  expect(faultOf(page, 'nowhere.md')).toBe('there is no such file');
  expect(faultOf(page, 'security.md#nowhere')).toBe('there is no such heading');
  expect(faultOf(page, '../../outside.md')).toBe('there is no such file');
});

test('every page of docs/ is linked from another one', () => {
  const linked = new Set(
    PAGES.flatMap((page) =>
      targetsOf(read(page)).flatMap((target) => {
        const [path = ''] = target.split('#');
        const file = normalize(join(dirname(page), path));
        return path === '' || file === page ? [] : [file];
      }),
    ),
  );
  expect(PAGES.filter((page) => page.startsWith('docs/') && !linked.has(page))).toEqual([]);
});
