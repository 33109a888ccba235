/** Suites of other projects. They are data, and not part of this repository: a test whose suite is absent is skipped. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/workers.ts';

/** The folder that they are in: the variable `CALE_SUITES`, or one beside the repository. */
const FOLDER = process.env['CALE_SUITES'] ?? join(ROOT, '../shared/suites');

/** Their paths in it. */
const SUITES = ['csr', 'wycheproof', 'x509-limbo', 'cms/openssl-fuzz-enveloped'] as const;
export type Suite = (typeof SUITES)[number];

/** @returns the path of a suite; undefined when it is absent. */
export function findSuite(suite: Suite): string | undefined {
  const path = join(FOLDER, suite);
  return existsSync(path) ? path : undefined;
}

/** Paths of the suites that are absent. */
export const absentSuites = (): string[] =>
  SUITES.filter((suite) => findSuite(suite) === undefined).map((suite) => join(FOLDER, suite));
