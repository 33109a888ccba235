/** Showing an API who calls it: by a bearer token, or by an HTTP message signature with a shared secret. */

import { readWhole } from '../../origin/read-stream.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';
import { encodeContentDigest } from '../../shared/protocol/content-digest.ts';
import { signMessage } from '../../shared/protocol/http-signature.ts';
import { GatewayError } from './problems.ts';

/** @returns the request with the proof of who sends it. @throws {GatewayError} when it is too large to be signed. */
export type Credential = (request: Request) => Promise<Request>;

export const noCredential: Credential = async (request) => request;

/** RFC 6750 2.1. */
export const bearerToken =
  (secret: string): Credential =>
  async (request) => {
    request.headers.set('Authorization', `Bearer ${secret}`);
    return request;
  };

/** Fields that the signature covers beside those of the identity, where the request has them. */
const COVERED = ['content-digest', 'content-type'];

/** RFC 9421 by hmac-sha256. The body is read, so that its digest can be covered. */
export function messageSignature(secret: string, maxRequestBytes: number): Credential {
  let key: Promise<CryptoKey> | undefined;
  const importKey = () =>
    crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return async (request) => {
    const { method, url, signal } = request;
    const content = await readWhole(request.body, maxRequestBytes);
    if (content === undefined) throw new GatewayError('content-too-large', 'the request is too large to be signed');
    const headers = new Headers(request.headers);
    if (content.length > 0) headers.set('Content-Digest', await encodeContentDigest(content));
    const fields = [...headers];
    const names = fields.map(([name]) => name).filter((name) => name.startsWith('cale-') || COVERED.includes(name));
    const signature = await signMessage(
      { method, targetUri: url, fields },
      ['@method', '@target-uri', ...names].map((name) => ({ name })),
      { keyid: 'cale-gateway', tag: 'cale-gateway', alg: 'hmac-sha256', created: Math.floor(Date.now() / 1000) },
      async (base) => {
        key ??= importKey();
        return new Uint8Array(await crypto.subtle.sign('HMAC', await key, base));
      },
    );
    for (const [name, value] of Object.entries(signature)) headers.set(name, value);
    const body = content.length > 0 ? { body: content } : {};
    return new Request(url, { method, headers, signal, redirect: 'manual', ...body });
  };
}
