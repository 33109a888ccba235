import { expect, test } from 'vitest';
import { findCircle, foldersOf, importsOf } from '../../../scripts/circles.ts';

const graphOf = (files: Record<string, string>) => importsOf(new Map(Object.entries(files)));

test('a circle of files is found, over any number of them and by every way to import', () => {
  const files = {
    'a.ts': "import { b } from './b/b.ts';",
    'b/b.ts': "export * from '../c.ts';",
    'c.ts': "const a = await import('./a.ts');",
    'd.ts': "import './a.ts';",
  };
  expect(findCircle(graphOf(files))).toEqual(['a.ts', 'b/b.ts', 'c.ts', 'a.ts']);
  expect(findCircle(graphOf({ ...files, 'c.ts': "import type { D } from 'd';" }))).toBeUndefined();
});

test('a circle of folders side by side is found where no file is in one; a folder and its parent are none', () => {
  const imports = graphOf({
    'x/a/one.ts': "import '../b/one.ts';",
    'x/b/one.ts': '',
    'x/b/two.ts': "import '../a/two.ts';",
    'x/a/two.ts': '',
  });
  expect(findCircle(imports)).toBeUndefined();
  expect(findCircle(foldersOf(imports))).toEqual(['x/a', 'x/b', 'x/a']);
  const parent = graphOf({
    'x/one.ts': "import './a/one.ts';",
    'x/a/one.ts': '',
    'x/a/two.ts': "import '../two.ts';",
    'x/two.ts': '',
  });
  expect(findCircle(foldersOf(parent))).toBeUndefined();
});
