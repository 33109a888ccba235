/** Cases of C2SP/x509-limbo (Apache-2.0). They are not part of this repository. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSuite } from './suites.ts';

/** A chain of certificates in PEM, and what has to come of it: the fields of its schema that are read here. */
export interface LimboCase {
  readonly id: string;
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  /** Purposes that the leaf must have. */
  readonly extended_key_usage: readonly string[];
  /** RFC 3339; null for any time. */
  readonly validation_time: string | null;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
}

/** All of its cases; none when the suite is absent. */
export const LIMBO_CASES: readonly LimboCase[] = readCases();

function readCases(): LimboCase[] {
  const folder = findSuite('x509-limbo');
  if (folder === undefined) return [];
  // The file has the number of its cases in its name where it is a part of all.
  const file = readdirSync(folder).find((name) => /^limbo(-\d+)?\.json$/.test(name));
  if (file === undefined) throw new Error(`${folder} has no limbo.json`);
  return JSON.parse(readFileSync(join(folder, file), 'utf8')).testcases;
}
