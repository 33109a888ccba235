/**
 * The middleware of a party behind the edge (draft 4.2): an origination server, or a resource server that one asks. It
 * lets a request through on a good certificate alone and, where the edge named a cipher, seals the answer for it.
 */

import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { encodeResponse } from '../bhttp/response.ts';
import { type Authority, readAuthorities } from '../certificate/authority.ts';
import { type CertificateFault, type ClientCertificate, checkCertificate } from '../certificate/check.ts';
import { type ContentEncryption, contentEncryptionFor } from '../ciphers.ts';
import { seal } from '../cms/seal.ts';
import { recipientFor } from '../keys/recipient.ts';
import { answerForm, sealedResponse } from '../wire/answer.ts';
import { CALE_ACCEPT, CALE_PEM, CIPHER, endToEndHeaders, parseCalePem, wantsBinaryHttp } from '../wire/headers.ts';

/** What the handlers behind the middleware find under `c.var`. */
export interface CaleVariables {
  /** Who asks (owner, organization, scopes), with what device, and by which certificate. */
  readonly client: ClientCertificate;
}

export type CaleEnv = { Variables: CaleVariables };

/** Why a request was not let through; for operators. */
export type Refusal = CertificateFault | 'certificate-missing' | 'cipher-not-accepted';

export interface CaleOptions {
  /** Certificates in PEM of the authorities that are trusted; more than one while keys are rotated. */
  readonly authorities: string;
  /** Told of every request that is refused; by default a line in the log, but for those without a certificate. */
  readonly onRefusal?: (reason: Refusal) => void;
}

/**
 * Checks `CALE-PEM`, puts the client into the context, and seals the answer, whatever its status, when there is a
 * `Cipher`. A request without a good certificate gets 403 without a body, which the edge never hands on.
 * @throws {TypeError} at once when `authorities` is not a list of certificates of authorities.
 */
export function cale({ authorities, onRefusal = logRefusal }: CaleOptions): MiddlewareHandler<CaleEnv> {
  const trusted = readAuthorities(authorities);
  return createMiddleware<CaleEnv>(async (c, next) => {
    const admitted = await admit(c, trusted);
    if (typeof admitted === 'string') {
      onRefusal(admitted);
      return c.body(null, 403);
    }
    c.set('client', admitted.client);
    await next();
    if (admitted.encryption !== undefined) c.res = await sealAnswer(c, admitted.client, admitted.encryption);
    return undefined;
  });
}

async function admit(
  c: Context,
  trusted: readonly Authority[],
): Promise<{ client: ClientCertificate; encryption: ContentEncryption | undefined } | Refusal> {
  const der = parseCalePem(c.req.header(CALE_PEM) ?? '');
  if (der === undefined) return 'certificate-missing';
  const client = await checkCertificate(der, trusted, Date.now());
  if ('fault' in client) return client.fault;
  const cipher = c.req.header(CIPHER);
  const encryption = cipher === undefined ? undefined : contentEncryptionFor(cipher);
  return cipher !== undefined && encryption === undefined ? 'cipher-not-accepted' : { client, encryption };
}

async function sealAnswer(c: Context, client: ClientCertificate, encryption: ContentEncryption): Promise<Response> {
  const [recipient, content] = await Promise.all([recipientFor(client.subjectPublicKeyInfo), contentOf(c)]);
  const parts = await seal(recipient, encryption, content);
  // Hono carries headers of an answer over to the one that replaces it, unless there is none to begin with.
  c.res = undefined;
  return sealedResponse(answerForm(encryption, c.req.header('Accept') ?? null), parts, c.req.method);
}

/** The body of the answer; where the client asks for it, the whole answer as Binary HTTP. */
async function contentOf(c: Context): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(await c.res.arrayBuffer());
  if (!wantsBinaryHttp(c.req.header(CALE_ACCEPT))) return content;
  return encodeResponse({ status: c.res.status, headers: [...endToEndHeaders(c.res.headers)], content });
}

function logRefusal(reason: Refusal): void {
  // The edge asks without one whenever a GUID is unknown: strangers must not be able to fill the log.
  if (reason === 'certificate-missing') return;
  console.warn(JSON.stringify({ event: 'request-refused', reason }));
}
