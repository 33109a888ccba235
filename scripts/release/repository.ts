/** Where the sources are public, so that the provenance of a package can be verified (npm, SLSA). */

import { ReleaseError } from './error.ts';

/** An address of Git by SSH: `git@example.com:owner/name.git`. */
const BY_SSH = /^(?:ssh:\/\/)?git@([^:/]+)[:/](.+)$/;

/**
 * @param address of the flag, or of the remote.
 * @returns the https URL; undefined where there is none, or it is a folder of this machine.
 * @throws {ReleaseError} when the flag is no https URL.
 */
export function repositoryOf(flag: string | undefined, remote: string | undefined): string | undefined {
  if (flag !== undefined) {
    if (isHttps(flag)) return flag;
    throw new ReleaseError(`--repository is an https URL, not ${flag}.`);
  }
  const [, host, path] = BY_SSH.exec(remote ?? '') ?? [];
  const address = host === undefined ? remote : `https://${host}/${path}`;
  return address !== undefined && isHttps(address) ? address : undefined;
}

/** Without a user or a token in it, which would be published. */
function isHttps(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
}
