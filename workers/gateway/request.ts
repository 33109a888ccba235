/** The request for an API, made of a client's. */

import type { Client } from '../../origin/prepare.ts';
import { encodeCalePem } from '../../shared/protocol/cale-pem.ts';
import { CALE_PEM, CALE_REQUEST_ID, endToEndHeaders } from '../../shared/protocol/headers.ts';
import { requestIdOf } from '../../shared/protocol/request-id.ts';
import { formatName } from '../../shared/x509/name.ts';
import { basePath, withoutPrefix, withPrefix } from './paths.ts';
import type { Upstream } from './upstreams.ts';

/** Fields of which an API hears only the gateway's word, or none. */
const NOT_FORWARDED = new Set([
  // Of the transport, or for it.
  'accept-encoding',
  'authorization',
  'cipher',
  'content-length',
  'expect',
  'host',
  'signature',
  'signature-input',
  // Who asks, and for what, in the names that other proxies have for it.
  'forwarded',
  'true-client-ip',
  'x-client-ip',
  'x-host',
  'x-original-host',
  'x-real-ip',
  // What some frameworks take for the method or the path, which were verified.
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
  // Of CGI: the variable HTTP_PROXY.
  'proxy',
]);
const NOT_FORWARDED_PREFIXES = ['cale-', 'cf-', 'x-forwarded'];

/** Names of other characters are taken for other names by servers that make variables of them: `CALE_OWNER`. */
const CLEAR_NAME = /^[a-z0-9-]+$/;

/** Maximum length of `CALE-Device`, in characters: servers refuse requests with long fields. */
const MAX_DEVICE_LENGTH = 4096;

/** Who asks. */
export interface Caller {
  readonly client: Client;
  /** Of the client on the network, where it is known. */
  readonly address: string | null;
}

export function upstreamRequest(
  upstream: Upstream,
  request: Request,
  { client, address }: Caller,
  signal: AbortSignal,
): Request {
  const { method, body, url } = request;
  const publicUrl = new URL(url);
  const headers = forwardedFields(request.headers);
  const fields = {
    ...identityFields(client),
    ...forwardingFields(upstream, publicUrl, address),
    [CALE_REQUEST_ID]: requestIdOf(request.headers),
  };
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  // A part of a compressed answer could not be decoded.
  headers.set('Accept-Encoding', headers.has('Range') ? 'identity' : 'gzip');
  // The Fetch standard has no content for GET and HEAD.
  const content = method === 'GET' || method === 'HEAD' ? null : body;
  return new Request(upstreamUrl(upstream, publicUrl), {
    method,
    headers,
    body: content,
    redirect: 'manual',
    signal,
  });
}

/** @returns the URL at the API, whose host no request can choose. */
export function upstreamUrl(
  { url: base, prefix, strip }: Pick<Upstream, 'url' | 'prefix' | 'strip'>,
  { pathname, search }: URL,
): URL {
  const url = new URL(base);
  // By the setters, because a path such as //host resolved as a reference would name a host.
  url.pathname = withPrefix(basePath(base), strip ? withoutPrefix(pathname, prefix) : pathname);
  url.search = search;
  return url;
}

/** @returns the fields of a client's request that an API may see. */
function forwardedFields(received: Headers): Headers {
  const headers = endToEndHeaders(received);
  for (const name of [...headers.keys()]) {
    const isKept =
      CLEAR_NAME.test(name) &&
      !NOT_FORWARDED.has(name) &&
      !NOT_FORWARDED_PREFIXES.some((prefix) => name.startsWith(prefix));
    if (!isKept) headers.delete(name);
  }
  return headers;
}

/** The client as fields that need no reader of certificates. Owner and device are UTF-8 in percent-encoding. */
function identityFields({
  owner,
  organization,
  scopes,
  device,
  der,
}: Pick<Client, 'owner' | 'organization' | 'scopes' | 'device' | 'der'>): Record<string, string> {
  const encodedDevice = encodeURIComponent(formatName(device).toWellFormed());
  return {
    [CALE_PEM]: encodeCalePem(der),
    'CALE-Owner': encodeURIComponent(owner),
    'CALE-Organization': organization,
    'CALE-Scopes': scopes.join(' '),
    ...(encodedDevice.length <= MAX_DEVICE_LENGTH && { 'CALE-Device': encodedDevice }),
  };
}

/** The request as the client sees it, in the fields that proxies have for it. */
const forwardingFields = (
  { prefix, strip }: Upstream,
  { host, protocol }: URL,
  address: string | null,
): Record<string, string> => ({
  'X-Forwarded-Host': host,
  'X-Forwarded-Proto': protocol.slice(0, -1),
  ...(address !== null && { 'X-Forwarded-For': address }),
  ...(strip && prefix !== '/' && { 'X-Forwarded-Prefix': prefix }),
});
