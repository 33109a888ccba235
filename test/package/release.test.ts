/** npm run release, in a repository of its own; and the versions that CHANGELOG.md tells apart. */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseLock, releaseManifest } from '../../scripts/release/manifest.ts';
import { repositoryOf } from '../../scripts/release/repository.ts';
import { ROOT } from '../../scripts/workers.ts';

const VECTOR = 'test/vectors/cale/release-test.json';
/** Above every version that there is. */
const VERSION = '900.0.0';
const FILES = `release/${VERSION}`;
const REPOSITORY = 'https://git.example.com/cale/cale-workers';

let folder: string;
let clone: string;

const git = (...args: string[]): string => execFileSync('git', args, { cwd: clone, encoding: 'utf8' }).trim();
const read = (file: string): string => readFileSync(join(clone, file), 'utf8');
const listed = (tarball: string): string[] =>
  execFileSync('tar', ['-tzf', join(clone, tarball)], { encoding: 'utf8' })
    .trim()
    .split('\n');

/** @returns what the command prints, and its status. */
function release(...args: string[]): { status: number | null; output: string } {
  const run = ['run', '-s', 'release', '--', ...args];
  const { status, stdout, stderr } = spawnSync('npm', run, { cwd: clone, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

function commitAll(message: string): void {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

/** Runs the work with another changelog, which is committed, and taken back. */
function withChangelog<T>(change: (text: string) => string, work: () => T): T {
  const before = git('rev-parse', 'HEAD');
  writeFileSync(join(clone, 'CHANGELOG.md'), change(read('CHANGELOG.md')));
  commitAll('changelog');
  try {
    return work();
  } finally {
    git('reset', '--quiet', '--hard', before);
  }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cale-release-test-'));
  clone = join(folder, 'clone');
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' });
  for (const file of files.split('\0').filter((each) => each !== '' && each !== 'node_modules')) {
    if (!existsSync(join(ROOT, file))) continue;
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(ROOT, file), join(clone, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(clone, '.git/info/exclude'), 'node_modules\n');
  for (const [name, value] of [
    ['user.name', 'Release'],
    ['user.email', 'release@example.com'],
    ['commit.gpgSign', 'false'],
    ['tag.gpgSign', 'false'],
  ] as const) {
    git('config', name, value);
  }
  mkdirSync(dirname(join(clone, VECTOR)), { recursive: true });
  writeFileSync(join(clone, VECTOR), '{}\n');
  commitAll('all');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('it refuses what is no release, and changes nothing', () => {
  const refusals = [
    [release(), 'Which version?'],
    [release('next'), 'A version is three numbers such as 0.2.0, not next.'],
    [release(VERSION, '--now'), "Unknown option '--now'"],
    [release('0.1.0'), '0.1.0 is not above 0.1.0, the last version in CHANGELOG.md.'],
    [release('0.0.9'), '0.0.9 is not above 0.1.0'],
    [release('0.1.1'), '0.1.1 says that all is compatible, and CHANGELOG.md has incompatible changes: 0.2.0 at least.'],
    [release(VERSION, '--repository', 'git@example.com:a/b'), '--repository is an https URL'],
  ] as const;
  for (const [{ status, output }, sentence] of refusals) {
    expect(output).toContain(sentence);
    expect(status).toBe(1);
  }
  const nothing = withChangelog(
    (text) => text.replace(/## \[Unreleased\]\n.*?(?=## \[\d)/s, '## [Unreleased]\n\n'),
    () => release(VERSION),
  );
  expect(nothing).toMatchObject({ status: 1, output: 'CHANGELOG.md has nothing under [Unreleased].\n' });
  writeFileSync(join(clone, 'note.txt'), 'not committed');
  expect(release(VERSION)).toMatchObject({ status: 1, output: 'The tree is not clean:\n?? note.txt\n' });
  rmSync(join(clone, 'note.txt'));
  expect([git('status', '--porcelain'), git('log', '--format=%s'), existsSync(join(clone, 'release'))]).toEqual([
    '',
    'all',
    false,
  ]);
});

test('a dry run makes all files, and keeps nothing; then a release keeps them, in a commit with a tag', () => {
  const dry = release(VERSION, '--dry-run');
  expect(dry.output).toContain('A dry run: nothing is kept.');
  expect(dry.output).toContain('package.json has no repository');
  expect([dry.status, git('status', '--porcelain'), git('log', '--format=%s'), git('tag')]).toEqual([0, '', 'all', '']);
  expect(existsSync(join(clone, FILES))).toBe(false);

  const parent = git('rev-parse', 'HEAD');
  const made = release(VERSION, '--repository', REPOSITORY);
  expect([made.output, made.status]).toEqual([expect.stringContaining(`Committed and tagged as v${VERSION}.`), 0]);
  expect(made.output).not.toContain('has no repository');
  expect([git('status', '--porcelain'), git('log', '--format=%s')]).toEqual(['', `release: ${VERSION}\nall`]);
  expect(git('show', '--name-only', '--format=', 'HEAD').split('\n')).toEqual([
    'CHANGELOG.md',
    'examples/one-worker/package.json',
    'package-lock.json',
    'package.json',
    'template/package.json',
  ]);
  expect([git('cat-file', '-t', `v${VERSION}`), git('rev-parse', `v${VERSION}^{commit}`)]).toEqual([
    'tag',
    git('rev-parse', 'HEAD'),
  ]);

  const manifest = JSON.parse(read('package.json'));
  expect(manifest).toMatchObject({ version: VERSION, repository: { type: 'git', url: `git+${REPOSITORY}` } });
  const lock = JSON.parse(read('package-lock.json'));
  expect([lock.version, lock.packages[''].version]).toEqual([VERSION, VERSION]);
  for (const file of ['template/package.json', 'examples/one-worker/package.json']) {
    expect(JSON.parse(read(file)).dependencies['cale-workers']).toBe(VERSION);
  }
  const [, head = '', changes = ''] =
    /^(.*?)## \[Unreleased\]\n\n## \[900\.0\.0\] - \d{4}-\d\d-\d\d\n\n(.*?)\n## \[0\.1\.0\]/ms.exec(
      read('CHANGELOG.md'),
    ) ?? [];
  expect(head).toMatch(/^\| package \| 900\.0\.0 \|/m);
  expect(changes).toMatch(/^Wire \d+\.\d+\.\d+, storage \d+\.\n\n### Added\n/);
  expect(git('tag', '--list', '--format=%(contents)', `v${VERSION}`)).toContain(changes.trim());

  const names = [`cale-workers-${VERSION}.tgz`, `cale-vectors-${VERSION}.tgz`];
  execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: join(clone, FILES) });
  const described = JSON.parse(read(`${FILES}/release.json`));
  expect(described).toMatchObject({ package: VERSION, parent, repository: REPOSITORY });
  expect(described.files.map(({ name }: { name: string }) => name)).toEqual(names);
  const sums = read(`${FILES}/SHA256SUMS`);
  for (const { name, sha256 } of described.files) expect(sums).toContain(`${sha256}  ${name}\n`);
  // The dry run made the same vectors, byte for byte.
  const [ofVectors = ''] = sums.split('\n').filter((line) => line.endsWith(names[1] ?? ''));
  expect(dry.output).toContain(ofVectors);

  expect(listed(`${FILES}/${names[1]}`)).toContain(`cale-vectors-${VERSION}/release-test.json`);
  const inside = execFileSync('tar', ['-xzOf', join(clone, FILES, names[0] ?? ''), 'package/package.json'], {
    encoding: 'utf8',
  });
  expect(JSON.parse(inside)).toMatchObject({ version: VERSION, repository: { url: `git+${REPOSITORY}` } });

  expect(release(VERSION).output).toBe(`The tag v${VERSION} is there already.\n`);
});

test('a build that fails leaves all as it was', () => {
  const before = git('rev-parse', 'HEAD');
  writeFileSync(
    join(clone, 'CHANGELOG.md'),
    read('CHANGELOG.md').replace('[Unreleased]\n', '[Unreleased]\n\n- One more.\n'),
  );
  writeFileSync(join(clone, 'origin/index.ts'), 'export { nothing } from "./nothing.ts";\n');
  commitAll('broken');
  const { status, output } = release('900.0.1');
  expect([status, output]).toEqual([1, expect.stringContaining('npm pack failed')]);
  expect([git('status', '--porcelain'), git('tag'), existsSync(join(clone, 'release/900.0.1'))]).toEqual([
    '',
    `v${VERSION}`,
    false,
  ]);
  git('reset', '--quiet', '--hard', before);
});

test('the repository is that of the flag or of the remote, and none that is made up', () => {
  expect(repositoryOf(undefined, undefined)).toBeUndefined();
  expect(repositoryOf(undefined, '/srv/git/cale.git')).toBeUndefined();
  expect(repositoryOf(undefined, 'https://user:token@git.example.com/a/b')).toBeUndefined();
  expect(repositoryOf(undefined, 'git@git.example.com:a/b.git')).toBe('https://git.example.com/a/b.git');
  expect(repositoryOf(undefined, 'https://git.example.com/a/b.git')).toBe('https://git.example.com/a/b.git');
  expect(repositoryOf(REPOSITORY, 'https://git.example.com/a/b.git')).toBe(REPOSITORY);
});

test('package.json and package-lock.json are written as before, and only the version changes', () => {
  const [manifest, lock] = ['package.json', 'package-lock.json'].map((file) => readFileSync(join(ROOT, file), 'utf8'));
  const { version } = JSON.parse(manifest ?? '');
  expect(releaseManifest(manifest ?? '', version, undefined)).toBe(manifest);
  expect(releaseLock(lock ?? '', version)).toBe(lock);
});
