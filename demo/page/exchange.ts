/** The messages on the network, as every party sees that handles them. */

/** A request and its answer, both as they were on the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** Those that the page set; the browser adds its own. */
  readonly requestFields: Fields;
  readonly requestBody: Uint8Array<ArrayBuffer>;
  readonly status: number;
  readonly responseFields: Fields;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type Fields = readonly (readonly [name: string, value: string])[];

/** A place on the way, where each message can be copied and changed. */
export interface Tap {
  /** Takes a copy of each exchange. */
  readonly record: (exchange: Exchange) => void;
  /** Gives the request that is sent on in place of this one. */
  readonly change?: (request: Request) => Request | Promise<Request>;
}

/** @returns the platform's `fetch`, with the tap in it. */
export function tappedFetch({ record, change = (request) => request }: Tap): typeof fetch {
  return async (input, init) => {
    const request = await change(new Request(input, init));
    const requestBody = new Uint8Array(await request.clone().arrayBuffer());
    const response = await fetch(request);
    const { pathname, search } = new URL(request.url);
    record({
      method: request.method,
      path: pathname + search,
      requestFields: [...request.headers],
      requestBody,
      status: response.status,
      responseFields: [...response.headers],
      body: new Uint8Array(await response.clone().arrayBuffer()),
    });
    return response;
  };
}
