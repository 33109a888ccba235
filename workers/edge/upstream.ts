/** Calling the parties behind the edge. Whatever is wrong with one of them is one error, with the reason for the log. */

/** A party behind the edge did not do its part. */
export class UpstreamError extends Error {
  override name = 'UpstreamError';
}

/**
 * @param party as it is named in the log.
 * @returns its answer, when it is one below 500.
 * @throws {UpstreamError} when it cannot be reached or fails.
 */
export async function call(party: string, fetcher: Fetcher, request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetcher.fetch(request);
  } catch (error) {
    throw new UpstreamError(`${party} cannot be reached: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
  if (response.status >= 500) throw new UpstreamError(`${party} answered ${response.status}`);
  return response;
}
