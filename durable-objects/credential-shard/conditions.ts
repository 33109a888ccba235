/** The conditions of SQL by which credentials are listed and revoked. */

import type { CredentialQuery, RevocationScope } from './credential.ts';
import { idOf } from './schema.ts';
import { DAY_MS } from './uses.ts';

export interface Condition {
  /** With a `?` for each value. */
  readonly condition: string;
  readonly values: readonly (string | number)[];
}

/** @throws {TypeError} when nothing is asked for: a slip must not mean all credentials. */
export function conditionOf(scope: RevocationScope): Condition {
  const terms = 'guid' in scope ? termsOfGuid(scope) : termsOfQuery(scope);
  if (terms.length === 0) throw new TypeError('a query without a condition');
  return {
    condition: terms.map(([term]) => `(${term})`).join(' AND '),
    values: terms.flatMap(([, ...values]) => values),
  };
}

type Term = readonly [term: string, ...values: (string | number)[]];

function termsOfGuid({ guid, supersedes }: Extract<RevocationScope, { guid: unknown }>): Term[] {
  return [
    ['id = ? AND guid = ?', idOf(guid), guid],
    ...(supersedes === undefined ? [] : [['supersedes = ?', supersedes] as const]),
  ];
}

function termsOfQuery({ owner, device, before, unusedSince }: CredentialQuery): Term[] {
  const terms: Term[] = [];
  if (owner !== undefined) terms.push(['owner = ?', owner]);
  if (device !== undefined) terms.push(['device = ?', device]);
  if (before !== undefined) terms.push(['registered_at < ?', before]);
  // Only the day of a use is known: it may have been at the end of it.
  if (unusedSince !== undefined) {
    terms.push([`coalesce(last_used + ${DAY_MS}, registered_at + 1) <= ?`, unusedSince]);
  }
  return terms;
}
