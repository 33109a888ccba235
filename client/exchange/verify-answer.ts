/** Verifying that the origin made an answer, and made it for this request (RFC 9421 with `;req`). */

import type { PublicKey } from '../../shared/crypto/keys/public-key.ts';
import { findHttpAlgorithm } from '../../shared/crypto/signatures/schemes.ts';
import type { BinaryResponse } from '../../shared/encoding/bhttp/response.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { encodeContentDigest } from '../../shared/protocol/content-digest.ts';
import {
  combinedField,
  encodeSignatureBase,
  type ParsedSignature,
  parseSignatureFields,
  type RequestMessage,
} from '../../shared/protocol/http-signature.ts';
import type { OriginPublicKey } from '../../shared/protocol/origin-certificate.ts';
import { hasAnswerForm } from '../../shared/protocol/signed-answer.ts';

/** @returns the key of an origin by its `keyid`; undefined when no pinned authority certified it. */
export type FindKey = (keyid: string) => Promise<OriginPublicKey | undefined>;

/** @returns true when the answer is signed as a whole, for one of these requests, by a key that `findKey` gives. */
export async function isSignedAnswer(
  { status, headers, content }: BinaryResponse,
  requests: readonly RequestMessage[],
  findKey: FindKey,
  subtle: SubtleCrypto,
): Promise<boolean> {
  const signature = tryParse(() => parseSignatureFields(headers));
  if (signature === undefined || !hasAnswerForm(signature, headers)) return false;
  if (combinedField(headers, 'content-digest') !== (await encodeContentDigest(content, subtle))) return false;
  const key = await findKey(signature.keyid);
  for (const request of requests) {
    const base = tryParse(() => encodeSignatureBase(signature, { status, fields: headers, request }));
    if (base !== undefined && key !== undefined && (await verify(signature, base, key, subtle))) return true;
  }
  return false;
}

async function verify(
  { alg, signature }: ParsedSignature,
  base: Uint8Array<ArrayBuffer>,
  { publicKey }: OriginPublicKey,
  subtle: SubtleCrypto,
): Promise<boolean> {
  const known = findHttpAlgorithm(publicKey, alg);
  if (known === undefined) return false;
  const held = verifiers.get(publicKey);
  // A key serves one algorithm, and an RSA key has two.
  const isOfAlgorithm = held?.algorithm.name === known.keyAlgorithm.name;
  const key = isOfAlgorithm
    ? held
    : await subtle.importKey('spki', publicKey.spki, known.keyAlgorithm, false, ['verify']);
  verifiers.set(publicKey, key);
  return subtle.verify(known.algorithm, key, signature, base);
}

/** Imported once for each key of an origin, by the algorithm that was used last. */
const verifiers = new WeakMap<PublicKey, CryptoKey>();
