/** CHANGELOG.md at a release: what is unreleased gets a version and a date. */

import { ReleaseError } from './error.ts';
import { parseVersion, type Version } from './options.ts';

/** The versions of a release that are not the package's. */
export interface OtherVersions {
  readonly wire: string;
  readonly storage: number;
}

export interface Released {
  /** The whole file. */
  readonly text: string;
  /** What changed with the release, for its tag. */
  readonly notes: string;
}

const UNRELEASED = '## [Unreleased]\n';

/**
 * @param today `2026-11-26`.
 * @throws {ReleaseError} when nothing is unreleased, or the version does not follow on the last one by the rules of Semantic
 *   Versioning.
 */
export function releaseChanges(text: string, version: string, others: OtherVersions, today: string): Released {
  const [before, rest, ...more] = text.split(UNRELEASED);
  if (before === undefined || rest === undefined || more.length > 0) {
    throw new ReleaseError('CHANGELOG.md has not one part [Unreleased].');
  }
  const end = rest.search(/^## \[/m);
  const [changes, older] = end < 0 ? [rest, ''] : [rest.slice(0, end), rest.slice(end)];
  if (!/^- /m.test(changes)) throw new ReleaseError('CHANGELOG.md has nothing under [Unreleased].');
  assertFollows(version, /^## \[(\d[^\]]*)\]/m.exec(older)?.[1], /^Incompatible:$/m.test(changes));
  const heading = `## [${version}] - ${today}\n`;
  const notes = `Wire ${others.wire}, storage ${others.storage}.\n\n${changes.trim()}\n`;
  return {
    text: `${withPackageVersion(before, version)}${UNRELEASED}\n${heading}\n${notes}\n${older}`,
    notes,
  };
}

/** The row of the table that says the version of the package now. */
const PACKAGE_ROW = /^\| package \| *(\S+) *\|/m;

function withPackageVersion(head: string, version: string): string {
  if (!PACKAGE_ROW.test(head)) throw new ReleaseError('CHANGELOG.md has no row for the version of the package.');
  return head.replace(PACKAGE_ROW, (row, before: string) => {
    const cell = `| package | ${version}`;
    return `${cell.padEnd(Math.max(row.length - 2, `| package | ${before}`.length))} |`;
  });
}

/** @param last the version before; undefined for the first one. */
function assertFollows(version: string, last: string | undefined, isIncompatible: boolean): void {
  if (last === undefined) return;
  const [next, before] = [parseVersion(version), parseVersion(last)];
  const raised = [0, 1, 2].find((at) => next[at] !== before[at]);
  if (raised === undefined || (next[raised] ?? 0) < (before[raised] ?? 0)) {
    throw new ReleaseError(`${version} is not above ${last}, the last version in CHANGELOG.md.`);
  }
  // Below 1.0 the minor version stands in the place of the major one (semver.org, 4).
  const least = before[0] === 0 ? 1 : 0;
  if (isIncompatible && raised > least) {
    throw new ReleaseError(
      `${version} says that all is compatible, and CHANGELOG.md has incompatible changes: ${nextOf(before, least)} at least.`,
    );
  }
}

const nextOf = (before: Version, raised: number): string =>
  before.map((number, at) => (at < raised ? number : at === raised ? number + 1 : 0)).join('.');
