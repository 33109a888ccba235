/** What the last test needs: where, as whom, and what it asks for. */

import type { DeployOptions } from './options.ts';
import type { FirstUser } from './project.ts';

export interface SmokeTest {
  readonly url: string;
  /** `user:password`. */
  readonly basic: string;
  /** Path that is read. */
  readonly read: string;
  /** Path that is written to; undefined for none. */
  readonly write: string | undefined;
}

/** Paths of the API, where no flag names others. */
export interface TestedPaths {
  readonly read: string;
  readonly write: string | undefined;
}

const DEMO_PATHS: TestedPaths = { read: '/balance', write: '/echo' };

/** Says what a deployment ends with. */
export function showSmokeTest({ isNotTested }: DeployOptions): void {
  if (isNotTested) return;
  console.log('\nThen a client would register at the edge, read, write, ask who it is, and revoke itself.');
}

/**
 * @param url of the edge; undefined where it is not known.
 * @returns undefined when there is to be none, or, with a sentence on the terminal, when something for it is missing.
 */
export function smokeTestOf(
  url: string | undefined,
  firstUser: FirstUser | undefined,
  { isNotTested, url: named, read, write }: DeployOptions,
  paths = DEMO_PATHS,
): SmokeTest | undefined {
  if (isNotTested) return undefined;
  const place = named ?? url;
  const basic = firstUser === undefined ? process.env['CALE_BASIC'] : `${firstUser.name}:${firstUser.password}`;
  if (place === undefined || basic === undefined) {
    const missing =
      place === undefined ? '--url URL, since the edge is not at workers.dev' : 'CALE_BASIC=user:password';
    console.log(`Not tested. That takes ${missing}.`);
    return undefined;
  }
  console.log('A client at the edge:');
  return { url: place, basic, read: read ?? paths.read, write: write === 'none' ? undefined : (write ?? paths.write) };
}
