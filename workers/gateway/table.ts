/** The table of APIs as settings have it: which API is behind which path, and under what conditions. */

import { isScope } from '../../shared/protocol/identity.ts';
import { isLoopback } from '../../shared/protocol/loopback.ts';

/** The ways in which an API can know its caller. */
const AUTH_KINDS = ['bearer', 'signature', 'none'] as const;
export type AuthKind = (typeof AUTH_KINDS)[number];

export interface Entry {
  /** `/`, or a path without a slash at its end. */
  readonly prefix: string;
  /** Scheme, host and path that the path of a request is put behind. */
  readonly url: URL;
  /** True when the prefix is taken off the path before. */
  readonly strip: boolean;
  /** All of them are needed. */
  readonly scopes: readonly string[];
  /** Seconds from the request to the end of the answer. */
  readonly deadline: number;
  /** Undefined: as the gateway's settings have it for all. */
  readonly auth: AuthKind | undefined;
  /** Name of the secret. Undefined: that of all. */
  readonly secret: string | undefined;
  /** Name of the binding that the API is called through. */
  readonly binding: string | undefined;
}

const MEMBERS = ['prefix', 'url', 'strip', 'scopes', 'deadline', 'auth', 'secret', 'binding'] as const;

/** Below that of the edge, which would answer in place of the gateway. */
const DEFAULT_DEADLINE = 25;
const MAX_DEADLINE = 300;

/**
 * @param text JSON: a list of entries.
 * @param isHttpAllowed true when http may lead to other machines.
 * @returns the entries, the longest prefix first.
 * @throws {Error} whose message names the entry that is not usable, and why.
 */
export function parseTable(text: string, isHttpAllowed: boolean): Entry[] {
  const list = parseJson(text);
  if (!Array.isArray(list) || list.length === 0) throw new Error('it is not a list of one entry or more, in JSON');
  const entries: Entry[] = [];
  for (const [index, value] of list.entries()) {
    try {
      const entry = parseEntry(value, isHttpAllowed);
      const isTaken = entries.some(({ prefix }) => prefix.toLowerCase() === entry.prefix.toLowerCase());
      if (isTaken) throw new Error(`the prefix ${entry.prefix} is there already`);
      entries.push(entry);
    } catch (error) {
      throw new Error(`entry ${index + 1}: ${(error as Error).message}`);
    }
  }
  return entries.sort((a, b) => b.prefix.length - a.prefix.length);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws {Error} whose message names the member that is not usable, and why. */
export function parseEntry(value: unknown, isHttpAllowed: boolean): Entry {
  if (typeof value !== 'object' || value === null) throw new Error('it is not an object');
  const members = new Map(Object.entries(value));
  for (const name of members.keys()) {
    if (!(MEMBERS as readonly string[]).includes(name)) throw new Error(`"${name}" is none of: ${MEMBERS.join(', ')}`);
  }
  function read<T>(
    name: (typeof MEMBERS)[number],
    is: (value: unknown) => value is T,
    expected: string,
  ): T | undefined {
    const member: unknown = members.get(name);
    if (member === undefined || is(member)) return member;
    throw new Error(`"${name}" must be ${expected}, not ${JSON.stringify(member)}`);
  }
  const binding = read('binding', isName, 'the name of a binding');
  return {
    prefix: read('prefix', isPrefix, 'a path such as "/orders", without % and a slash at its end') ?? '/',
    url: parseUrl(members.get('url'), isHttpAllowed || binding !== undefined),
    strip: read('strip', (each) => typeof each === 'boolean', 'true or false') ?? false,
    scopes: read('scopes', isScopes, 'a list of scopes such as ["read"]') ?? [],
    deadline: read('deadline', isDeadline, `seconds from 1 to ${MAX_DEADLINE}`) ?? DEFAULT_DEADLINE,
    auth: read('auth', isAuthKind, `one of: ${AUTH_KINDS.join(', ')}`),
    secret: read('secret', isName, 'the name of a secret'),
    binding,
  };
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^\w+$/.test(value);
const isAuthKind = (value: unknown): value is AuthKind => AUTH_KINDS.some((kind) => kind === value);
const isDeadline = (value: unknown): value is number =>
  typeof value === 'number' && value >= 1 && value <= MAX_DEADLINE;
const isScopes = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && isScope(each));

/** `/`, or segments in characters that servers read alike (RFC 3986 3.3), none of which ends in a dot. */
const isPrefix = (value: unknown): value is string =>
  typeof value === 'string' && /^(?:\/|(?:\/[\w.~!$&'()*+,=:@-]*[\w~!$&'()*+,=:@-])+)$/.test(value);

/** @throws {Error} unless it is a URL that a path can be put behind: https, or http where that is allowed. */
function parseUrl(value: unknown, isHttpAllowed: boolean): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}${url.pathname}`) {
    throw new Error('it must be a URL such as https://api.example.com/v1, without user, query and fragment');
  }
  if (url.protocol === 'http:' && !isHttpAllowed && !isLoopback(url)) {
    throw new Error(`http would take answers to ${url.host} without TLS: use https, a binding, or UPSTREAM_HTTP`);
  }
  return url;
}
