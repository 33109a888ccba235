/** The messages on the network, as every party sees that handles them. */

/** A request and its answer, both as they were on the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** Those that the page set; the browser adds its own. */
  readonly requestFields: readonly (readonly [string, string])[];
  readonly requestBody: Uint8Array<ArrayBuffer>;
  readonly status: number;
  readonly responseFields: readonly (readonly [string, string])[];
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * A wire-tapper's place: the platform's `fetch`, with a copy of each exchange for `record`.
 */
export function tappedFetch(record: (exchange: Exchange) => void): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const requestBody = new Uint8Array(await request.clone().arrayBuffer());
    const response = await fetch(request);
    record({
      method: request.method,
      path: new URL(request.url).pathname,
      requestFields: [...request.headers],
      requestBody,
      status: response.status,
      responseFields: [...response.headers],
      body: new Uint8Array(await response.clone().arrayBuffer()),
    });
    return response;
  };
}
