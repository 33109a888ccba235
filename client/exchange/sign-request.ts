/** Signing a request that can change something, by the registered key (draft 4.2). */

import { httpAlgorithmOfPrivateKey } from '../../shared/crypto/signatures/schemes.ts';
import { encodeBase64Url } from '../../shared/encoding/base64.ts';
import { encodeContentDigest } from '../../shared/protocol/content-digest.ts';
import { type RequestMessage, signMessage } from '../../shared/protocol/http-signature.ts';
import { REQUEST_TAG, requestComponents } from '../../shared/protocol/signed-request.ts';
import type { AccountKey } from '../account.ts';
import { CaleError } from '../errors.ts';

/**
 * @param message with its nonce, and without digest and signature.
 * @param content empty where there is none.
 * @returns the message with the fields of its digest and its signature.
 * @throws {CaleError} `no-signing-key`.
 */
export async function signRequest(
  message: RequestMessage,
  content: Uint8Array<ArrayBuffer>,
  { keyIdentifier, signingKey }: AccountKey,
  subtle: SubtleCrypto,
): Promise<RequestMessage> {
  if (signingKey === undefined) throw new CaleError('no-signing-key');
  const { alg, algorithm } = httpAlgorithmOfPrivateKey(signingKey);
  const hasContent = content.length > 0;
  const digest = hasContent ? ([['content-digest', await encodeContentDigest(content, subtle)]] as const) : [];
  // The application may have set one, and a list of two is refused.
  const others = message.fields.filter(([name]) => name !== 'content-digest');
  const digested = { ...message, fields: [...others, ...digest] };
  const components = requestComponents(digested.fields, hasContent);
  const sign = async (base: Uint8Array<ArrayBuffer>) => new Uint8Array(await subtle.sign(algorithm, signingKey, base));
  const parameters = { keyid: encodeBase64Url(keyIdentifier), alg, tag: REQUEST_TAG };
  const signature = await signMessage(digested, components, parameters, sign);
  return { ...digested, fields: [...digested.fields, ...(Object.entries(signature) as [string, string][])] };
}
