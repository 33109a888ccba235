/** Circles of imports: among files, and among folders that lie side by side. Type imports count too. */

import { dirname, join } from 'node:path';

/** Imported paths by importing path. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const IMPORT = /(?:\bfrom|\bimport|\bimport\()\s*'(\.{1,2}\/[^']+)'/g;

/**
 * @param sources text of each file, by its path.
 * @returns the files that each file imports by a relative path.
 */
export function importsOf(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...sources].map(([file, text]) => [
      file,
      [...text.matchAll(IMPORT)]
        .map(([, specifier = '']) => join(dirname(file), specifier))
        .filter((imported) => sources.has(imported)),
    ]),
  );
}

/**
 * @returns the same imports as edges between folders that have one parent: `a/b/c.ts` importing `a/d/e.ts` is an edge
 *   from `a/b` to `a/d`. A folder and its own parent may import each other.
 */
export function foldersOf(imports: ImportGraph): ImportGraph {
  const edges = new Map<string, string[]>();
  for (const [file, imported] of imports) {
    const from = dirname(file).split('/');
    for (const to of imported.map((path) => dirname(path).split('/'))) {
      const at = from.findIndex((name, index) => name !== to[index]);
      if (at < 0 || to[at] === undefined || from[at] === '.' || to[at] === '.') continue;
      const folder = from.slice(0, at + 1).join('/');
      edges.set(folder, [...(edges.get(folder) ?? []), to.slice(0, at + 1).join('/')]);
    }
  }
  return edges;
}

/** @returns one circle of the graph, its first member once more at its end; undefined when there is none. */
export function findCircle(graph: ImportGraph): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of new Set(graph.get(node))) {
      const circle = visit(next, [...path, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const circle = visit(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
