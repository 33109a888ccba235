/** The arguments of `npm run release`. */

import { parseArgs } from 'node:util';
import { ReleaseError } from './error.ts';

export const USAGE = `npm run release -- VERSION [flags]

  VERSION           of the package, such as 0.2.0, above the last one in CHANGELOG.md
  --dry-run         does all of it but the commit and the tag, and keeps nothing
  --repository URL  where the sources are public, for the provenance of the package; by default that of the remote origin

Makes release/VERSION/: the package, the vectors where there are some, what they were made of, and SHA-256 sums of all.
Then a commit of the version, and the tag vVERSION. Nothing is published.`;

export interface ReleaseOptions {
  readonly version: string;
  readonly isDryRun: boolean;
  readonly repository: string | undefined;
}

/** @returns undefined when help is asked for. @throws {ReleaseError} when an argument is none of these. */
export function parseOptions(args: readonly string[]): ReleaseOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [version, ...others] = positionals;
  if (version === undefined || others.length > 0) throw new ReleaseError(`Which version?\n\n${USAGE}`);
  parseVersion(version);
  return { version, isDryRun: values['dry-run'] ?? false, repository: values.repository };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean' },
        repository: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new ReleaseError(`${cause instanceof Error ? cause.message : 'unknown reason'}\n\n${USAGE}`);
  }
}

/** Major, minor and patch. */
export type Version = readonly [number, number, number];

/** @throws {ReleaseError} unless it is three numbers (semver.org, 2). */
export function parseVersion(text: string): Version {
  const found = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text);
  if (found === null) throw new ReleaseError(`A version is three numbers such as 0.2.0, not ${text}.`);
  const [, major, minor, patch] = found.map(Number);
  return [major ?? 0, minor ?? 0, patch ?? 0];
}
