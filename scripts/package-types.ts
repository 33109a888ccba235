/** The types of the package, as the compiler has written them, made fit for programs with other compilers. */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The path of a module that a declaration imports or re-exports from, as the sources have it. */
const IMPORTED = /((?:\bfrom |\bimport\(|\bimport )['"])(\.{1,2}\/[^'"]+)\.ts(?=['"])/g;

const importsOf = (declarations: string): string[] =>
  [...declarations.matchAll(IMPORTED)].map(([, , path = '']) => path);

/** @param folder with declarations, of which only those stay that the entries lead to; entries relative to it. */
export function finishTypes(folder: string, entries: readonly string[]): void {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const path of importsOf(readFileSync(file, 'utf8'))) reach(join(dirname(file), `${path}.d.ts`));
  };
  for (const entry of entries) reach(join(folder, entry));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !reached.has(file)) rmSync(file);
  }
  for (const file of reached) {
    const declarations = withGlobals(readFileSync(file, 'utf8').replaceAll(IMPORTED, '$1$2.js'));
    // Uint8Array has a type parameter only since TypeScript 5.7, and older compilers are to read the types as well.
    writeFileSync(file, declarations.replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array'));
  }
}

/** Types that Node has no global names for, by the values that it has. */
const GLOBALS: Readonly<Record<string, string>> = {
  Crypto: 'typeof crypto',
  HeadersInit: 'ConstructorParameters<typeof Headers>[0]',
  SubtleCrypto: '(typeof crypto)["subtle"]',
  CryptoKey: 'Awaited<ReturnType<(typeof crypto)["subtle"]["importKey"]>>',
};

function withGlobals(declarations: string): string {
  const named = Object.entries(GLOBALS).filter(([name]) => new RegExp(`\\b${name}\\b`).test(declarations));
  return named.map(([name, type]) => `type ${name} = ${type};\n`).join('') + declarations;
}
