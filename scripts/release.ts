/** npm run release: a version of the package, from the changelog to a tarball with its sums, in one commit with a tag. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCHEMA_VERSION } from '../durable-objects/credential-shard/schema.ts';
import { WIRE_VERSION } from '../shared/protocol/wire-version.ts';
import { describeFile, packPackage, packVectors, writeJson, writeSums } from './release/artifacts.ts';
import { releaseChanges } from './release/changelog.ts';
import { ReleaseError } from './release/error.ts';
import { releaseLock, releaseManifest, releaseProject } from './release/manifest.ts';
import { parseOptions, type ReleaseOptions, USAGE } from './release/options.ts';
import { repositoryOf } from './release/repository.ts';
import { runIn } from './release/run.ts';
import { ROOT } from './workers.ts';

/** Projects that have the package as a dependency. */
const PROJECTS = ['template/package.json', 'examples/one-worker/package.json'];
const CHANGED = ['CHANGELOG.md', 'package.json', 'package-lock.json', ...PROJECTS];
const VERSIONS = { wire: WIRE_VERSION, storage: SCHEMA_VERSION };

const git = (...args: string[]): string => runIn(ROOT, 'git', args);
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

function release({ version, isDryRun, repository: flag }: ReleaseOptions): void {
  const tag = `v${version}`;
  assertCleanTree();
  if (git('tag', '--list', tag) !== '') throw new ReleaseError(`The tag ${tag} is there already.`);
  const today = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
  const { text, notes } = releaseChanges(read('CHANGELOG.md'), version, VERSIONS, today);
  const repository = repositoryOf(flag, remoteOf('origin'));
  const folder = isDryRun ? mkdtempSync(join(tmpdir(), 'cale-release-')) : makeFolder(version);
  const before = CHANGED.map((file) => [file, read(file)] as const);
  let isDone = false;
  try {
    writeFileSync(join(ROOT, 'CHANGELOG.md'), text);
    writeFileSync(join(ROOT, 'package.json'), releaseManifest(read('package.json'), version, repository));
    writeFileSync(join(ROOT, 'package-lock.json'), releaseLock(read('package-lock.json'), version));
    for (const file of PROJECTS) writeFileSync(join(ROOT, file), releaseProject(read(file), version));
    makeFiles(folder, version, repository);
    if (!isDryRun) {
      git('commit', '--quiet', '--message', `release: ${version}`, '--', ...CHANGED);
      isDone = true;
      runIn(ROOT, 'git', ['tag', '--annotate', '--cleanup=verbatim', '--file=-', tag], `${tag}\n\n${notes}`);
    }
    console.log(notes);
    console.log(readFileSync(join(folder, 'SHA256SUMS'), 'utf8'));
  } finally {
    if (!isDone) {
      for (const [file, kept] of before) writeFileSync(join(ROOT, file), kept);
      rmSync(folder, { recursive: true });
    }
  }
  console.log(
    isDryRun ? 'A dry run: nothing is kept.' : `Committed and tagged as ${tag}. The files are in release/${version}.`,
  );
  tellWhatIsMissing(repository);
}

function assertCleanTree(): void {
  const changes = git('status', '--porcelain');
  if (changes !== '') throw new ReleaseError(`The tree is not clean:\n${changes}`);
}

function remoteOf(name: string): string | undefined {
  try {
    return git('remote', 'get-url', name);
  } catch {
    return undefined;
  }
}

function makeFolder(version: string): string {
  const folder = join(ROOT, 'release', version);
  if (existsSync(folder)) throw new ReleaseError(`release/${version} is there already: take it away first.`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The tarballs, a description of what they were made of, and the sums of all. */
function makeFiles(folder: string, version: string, repository: string | undefined): void {
  // Of the last commit, so that the same sources give the same files.
  const seconds = git('log', '-1', '--format=%ct');
  const names = [packPackage(ROOT, folder), packVectors(ROOT, folder, version, seconds)].filter(
    (name) => name !== undefined,
  );
  writeJson(join(folder, 'release.json'), {
    package: version,
    ...VERSIONS,
    ...(repository !== undefined && { repository }),
    // The commit of the release has this one as its parent, and differs in the version and the changelog only.
    parent: git('rev-parse', 'HEAD'),
    node: process.version,
    files: names.map((name) => describeFile(folder, name)),
  });
  writeSums(folder);
}

function tellWhatIsMissing(repository: string | undefined): void {
  if (repository === undefined) {
    console.log(
      'package.json has no repository, which the provenance of a package needs: there is no remote origin at an https URL, ' +
        'and --repository was not given.',
    );
  }
  console.log(
    'Provenance itself is made where it is published: npm publish --provenance, in a CI with OpenID Connect.',
  );
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else release(options);
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
