/** package.json and package-lock.json at a release, and the package.json of projects that have the package. */

type Json = { [name: string]: unknown };

interface Lock extends Json {
  packages: Record<string, Json>;
}

const encode = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** @param repository URL of the public sources; undefined where none is known. */
export function releaseManifest(text: string, version: string, repository: string | undefined): string {
  const { name, version: _, ...others } = JSON.parse(text) as Json;
  const known = repository === undefined ? {} : { repository: { type: 'git', url: `git+${repository}` } };
  return encode({ name, version, ...others, ...known });
}

/** The package is in its lock file too, in two places. */
export function releaseLock(text: string, version: string): string {
  const lock = JSON.parse(text) as Lock;
  lock['version'] = version;
  const own = lock.packages[''];
  if (own !== undefined) own['version'] = version;
  return encode(lock);
}

/** A project gets the package that it is released with. */
export function releaseProject(text: string, version: string): string {
  const project = JSON.parse(text) as Json & { dependencies: Json };
  project.dependencies['cale-workers'] = version;
  return encode(project);
}
