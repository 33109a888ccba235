/** DER as a tree, to alter parts of it: the lengths around them are made new. */

import { DerReader } from '../../../shared/encoding/der/reader.ts';
import { element, encode, type Part } from '../../../shared/encoding/der/writer.ts';
import type { Bytes } from './bytes.ts';

/** An element: of others where it is constructed, else of bytes. */
export interface Tree {
  tag: number;
  parts: Tree[];
  bytes: Uint8Array;
}

/** Bit of identifiers of constructed elements (X.690 8.1.2.5). */
const CONSTRUCTED = 0x20;

function parseAll(bytes: Bytes): Tree[] {
  const reader = new DerReader(bytes);
  const parts: Tree[] = [];
  while (!reader.done) {
    const { tag, content } = reader.next();
    const isConstructed = (tag & CONSTRUCTED) !== 0;
    parts.push({
      tag,
      parts: isConstructed ? parseAll(content) : [],
      bytes: isConstructed ? new Uint8Array(0) : content,
    });
  }
  return parts;
}

const partOf = ({ tag, parts, bytes }: Tree): Part => element(tag, bytes, ...parts.map(partOf));

/**
 * @param change of the tree, in place.
 * @returns the DER of the changed tree.
 */
export function alterDer(der: Uint8Array, change: (root: Tree) => void): Bytes {
  const [root] = parseAll(Uint8Array.from(der));
  if (root === undefined) throw new TypeError('no element');
  change(root);
  return encode(partOf(root));
}

/** @returns the part of a part … by their numbers. @throws {RangeError} when there is none. */
export function partAt(tree: Tree, ...path: readonly number[]): Tree {
  let found: Tree | undefined = tree;
  for (const at of path) found = found?.parts[at];
  if (found === undefined) throw new RangeError(`no part at ${path.join('.')}`);
  return found;
}

/** @returns the element that these bytes are. */
export function treeOf(der: Uint8Array): Tree {
  const [tree] = parseAll(Uint8Array.from(der));
  if (tree === undefined) throw new TypeError('no element');
  return tree;
}
