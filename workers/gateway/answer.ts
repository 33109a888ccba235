/** The answer for a client, made of an API's: read to its end, and with URLs that the client can follow. */

import { readWhole } from '../../origin/read-stream.ts';
import { endToEndHeaders } from '../../shared/protocol/headers.ts';
import { hasNullBody } from '../../shared/protocol/null-body.ts';
import { removeDecoded } from './coding.ts';
import { publicLocation } from './location.ts';
import { GatewayError } from './problems.ts';
import type { Upstream } from './upstreams.ts';

/** Fields that name a place. */
const PLACES = ['Location', 'Content-Location'];

interface Exchange {
  readonly upstream: Upstream;
  /** URL that the client asked for. */
  readonly publicUrl: URL;
  /** URL that the API was asked for. */
  readonly asked: URL;
  readonly response: Response;
}

/**
 * @param maxBytes maximum size of the body, in bytes.
 * @throws {GatewayError} when the answer cannot be handed on.
 */
export async function clientAnswer(exchange: Exchange, maxBytes: number): Promise<Response> {
  const { response } = exchange;
  const { status } = response;
  if (status < 200 || status > 599) throw new GatewayError('upstream-failed', `it answered ${status}`);
  const headers = clientFields(exchange);
  removeDecoded(headers);
  if (hasNullBody(status)) {
    await response.body?.cancel();
    return new Response(null, { status, headers });
  }
  const content = await readWhole(response.body, maxBytes);
  if (content === undefined) throw new GatewayError('upstream-failed', `its answer is larger than ${maxBytes} bytes`);
  return new Response(content, { status, headers });
}

function clientFields({ upstream, publicUrl, asked, response }: Exchange): Headers {
  const headers = endToEndHeaders(response.headers);
  for (const name of PLACES) {
    const value = headers.get(name);
    if (value === null) continue;
    const place = publicLocation(upstream, value, asked, publicUrl);
    if (place === undefined) headers.delete(name);
    else headers.set(name, place);
  }
  return headers;
}
