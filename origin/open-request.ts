/** Opening a sealed request: CMS to a key of the origin, around a request as Binary HTTP. */

import { open } from '../shared/cms/open.ts';
import type { RecipientPrivateKey } from '../shared/cms/recipients/recipient-type.ts';
import { encodeBase64Url } from '../shared/encoding/base64.ts';
import { type BinaryRequest, parseRequest } from '../shared/encoding/bhttp/request.ts';
import { tryParse } from '../shared/encoding/error.ts';
import type { ClientCertificate } from '../shared/protocol/client-certificate.ts';
import { SEALED_PATH } from '../shared/protocol/endpoints.ts';
import { combinedField } from '../shared/protocol/http-signature.ts';
import { failure, type Result, success } from '../shared/result.ts';

/** The rule that a sealed request breaks; for operators. */
export type SealedRequestFault =
  | 'not-opened'
  | 'nonce-of-another-request'
  | 'key-of-another-client'
  | 'of-another-origin'
  | 'nested';

/**
 * @param keys that requests may be sealed to.
 * @param outerUrl of the request that carried it.
 * @returns the request inside. It is the client's own: it names the nonce that was admitted for the outer one, and the
 *   client's key, so that it is of no use under another credential.
 */
export async function openRequest(
  body: Uint8Array<ArrayBuffer>,
  keys: readonly RecipientPrivateKey[],
  client: ClientCertificate,
  outerUrl: string,
): Promise<Result<BinaryRequest, SealedRequestFault>> {
  const request = await tryOpen(body, keys);
  if (request === undefined) return failure('not-opened');
  const { targetUri, headers } = request;
  if (client.nonce === undefined || combinedField(headers, 'cale-nonce') !== client.nonce) {
    return failure('nonce-of-another-request');
  }
  if (combinedField(headers, 'cale-key') !== encodeBase64Url(client.keyIdentifier)) {
    return failure('key-of-another-client');
  }
  const url = tryParseUrl(targetUri);
  if (url?.href !== targetUri) return failure('of-another-origin');
  // The text is compared too, because the origin of a URL leaves out the user in it.
  const origin = `${url.origin}/`;
  if (!outerUrl.startsWith(origin) || !targetUri.startsWith(origin)) return failure('of-another-origin');
  return url.pathname === SEALED_PATH ? failure('nested') : success(request);
}

/** @returns undefined when no key opens it, or it is no request. */
async function tryOpen(
  body: Uint8Array<ArrayBuffer>,
  keys: readonly RecipientPrivateKey[],
): Promise<BinaryRequest | undefined> {
  for (const key of keys) {
    const opened = await open(body, key).catch(() => undefined);
    if (opened !== undefined) return tryParse(() => parseRequest(opened));
  }
  return undefined;
}

function tryParseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
