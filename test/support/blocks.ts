import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/workers.ts';

/** A block of code of a page, without its indentation, and the block of text behind it: empty where there is none. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly prints: string;
}

/** @returns all fenced blocks of a page, in their order; a block of text behind a block that prints it is not one more. */
export function readBlocks(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^( *)```(\w*)\n(.*?)^\1```\n(?:\n```text\n(.*?)\n```\n)?/gms)].map(
    ([, indent = '', language = '', text = '', prints = '']) => ({
      language,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      prints,
    }),
  );
}

/** @returns a function from a part of a block to the only block of the page that has it. */
export function blocksOf(page: string): (part: string) => Block {
  const blocks = readBlocks(page);
  return (part) => {
    const [found, ...others] = blocks.filter((each) => each.text.includes(part));
    if (found === undefined || others.length > 0) throw new Error(`${page} has not one block with: ${part}`);
    return found;
  };
}
