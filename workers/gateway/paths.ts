/** Paths of requests, and the prefixes that they are under. */

/** A path may be encoded so often; beyond that it is no path of a client that means well. */
const MAX_ENCODINGS = 4;

const CONTROLS = /[\x00-\x1f\x7f]/;

/**
 * The path as a server would read it that decodes, merges slashes, ignores case, and strips parameters (`;`) and what
 * ends a segment on Windows. Servers differ in which of these they do: a path is not ambiguous when they make no
 * difference.
 * @returns undefined when the path has a dot segment, however it is written, or a control character.
 */
export function lenientPath(path: string): string | undefined {
  const decoded = decodeRepeatedly(path);
  if (decoded === undefined || CONTROLS.test(decoded)) return undefined;
  const segments = decoded.split(/[/\\]/).map((segment) => segment.replace(/[;?#].*$/s, ''));
  if (segments.some((segment) => segment === '.' || segment === '..')) return undefined;
  const names = segments.map((segment) => segment.replace(/[. ]+$/, '')).filter((segment) => segment !== '');
  return `/${names.join('/')}`.toLowerCase();
}

/** Decodes what is ASCII. @returns undefined when it is encoded more often than {@link MAX_ENCODINGS}. */
function decodeRepeatedly(path: string): string | undefined {
  let decoded = path;
  for (let round = 0; round <= MAX_ENCODINGS; round++) {
    const next = decoded.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (next === decoded) return decoded;
    decoded = next;
  }
  return undefined;
}

/** True when the path is the prefix or under it. @param prefix `/`, or without a slash at its end. */
export const isUnder = (path: string, prefix: string): boolean =>
  prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);

/** @param path under the prefix. @returns the rest of the path, which begins with a slash. */
export const withoutPrefix = (path: string, prefix: string): string =>
  prefix === '/' ? path : path.slice(prefix.length) || '/';

/** @param prefix `/`, or without a slash at its end. @param rest begins with a slash. */
export const withPrefix = (prefix: string, rest: string): string => (prefix === '/' ? rest : prefix + rest);

/** @returns the path of an API's URL, without a slash at its end unless it is `/`. */
export const basePath = ({ pathname }: URL): string => (pathname === '/' ? pathname : pathname.replace(/\/$/, ''));
