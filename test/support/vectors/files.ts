/** The files of vectors on disk. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../scripts/workers.ts';
import { VECTOR_NAMES, type Vectors } from './schema.ts';

export const VECTORS_FOLDER = join(ROOT, 'test/vectors/cale');

const pathOf = (name: string): string => join(VECTORS_FOLDER, `${name}.json`);
const encode = (file: unknown): string => `${JSON.stringify(file, null, 1)}\n`;

/** @returns the files that are there. */
export function readVectors(): Partial<Vectors> {
  const names = VECTOR_NAMES.filter((name) => existsSync(pathOf(name)));
  return Object.fromEntries(names.map((name) => [name, JSON.parse(readFileSync(pathOf(name), 'utf8'))]));
}

export function writeVectors(vectors: Vectors): void {
  mkdirSync(VECTORS_FOLDER, { recursive: true });
  for (const name of VECTOR_NAMES) writeFileSync(pathOf(name), encode(vectors[name]));
}

/** @returns names of the files that are not as they would be written. */
export const staleVectors = (vectors: Vectors): string[] =>
  VECTOR_NAMES.filter(
    (name) => !existsSync(pathOf(name)) || readFileSync(pathOf(name), 'utf8') !== encode(vectors[name]),
  );
