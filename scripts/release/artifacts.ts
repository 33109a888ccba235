/** The files of a release. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseError } from './error.ts';
import { runIn } from './run.ts';

/** Where the vectors for other implementations are, from the top. */
const VECTORS = 'test/vectors/cale';

/** @returns the name of the package's tarball. */
export function packPackage(top: string, folder: string): string {
  const printed = runIn(top, 'npm', ['pack', '--json', '--pack-destination', folder]);
  const [packed] = JSON.parse(printed.slice(printed.search(/^\[/m))) as { filename?: string }[];
  if (packed?.filename === undefined) throw new ReleaseError('npm pack made no tarball.');
  return packed.filename;
}

/**
 * Packs the vectors, the same each time: sorted, of no owner, and of one time.
 * @param seconds since 1970, of all files.
 * @returns the name of the tarball; undefined where there are no vectors.
 */
export function packVectors(top: string, folder: string, version: string, seconds: string): string | undefined {
  if (!existsSync(join(top, VECTORS))) return undefined;
  const name = `cale-vectors-${version}.tgz`;
  const fixed = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u=rwX,go=rX',
    `--mtime=@${seconds}`,
  ];
  const place = ['-C', join(top, VECTORS), `--transform=s,^\\.,cale-vectors-${version},`, '.'];
  runIn(top, 'tar', [...fixed, '--use-compress-program=gzip -n', '-cf', join(folder, name), ...place]);
  return name;
}

const sumOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** A file as the description of a release names it. */
export interface ReleasedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export const describeFile = (folder: string, name: string): ReleasedFile => ({
  name,
  bytes: statSync(join(folder, name)).size,
  sha256: sumOf(join(folder, name)),
});

export const writeJson = (file: string, value: object): void =>
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

/** Writes the sums of all files of the folder, as `sha256sum -c` reads them. */
export function writeSums(folder: string): void {
  const lines = readdirSync(folder)
    .toSorted()
    .map((name) => `${sumOf(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}
