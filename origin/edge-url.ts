/** The URL of a request where the way from the edge changes it. */

/**
 * The same request under the URL that the client asked for, which its signature and that of the answer are over. For
 * parties that the edge reaches at an address of their own.
 * @param edge URL of the edge as clients have it, such as `https://api.example.com`.
 * @throws {TypeError} when `edge` is no URL.
 *
 * @example
 * Deno.serve((request) => origin.handle(withEdgeUrl(request, 'https://api.example.com'), app));
 */
export function withEdgeUrl(request: Request, edge: string | URL): Request {
  const { pathname, search } = new URL(request.url);
  return new Request(new URL(edge).origin + pathname + search, request);
}
