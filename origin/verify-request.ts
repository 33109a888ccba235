/** Verifying the signature on a request that can change something, before the application sees it (draft 4.2). */

import { findHttpAlgorithm } from '../shared/crypto/signatures/schemes.ts';
import { encodeBase64Url } from '../shared/encoding/base64.ts';
import { tryParse } from '../shared/encoding/error.ts';
import type { ClientCertificate } from '../shared/protocol/client-certificate.ts';
import { encodeContentDigest } from '../shared/protocol/content-digest.ts';
import {
  combinedField,
  encodeSignatureBase,
  type ParsedSignature,
  parseSignatureFields,
  type RequestMessage,
} from '../shared/protocol/http-signature.ts';
import { hasRequestForm } from '../shared/protocol/signed-request.ts';
import type { ClientKeys } from './client-keys.ts';

/** The rule that the signature of a request breaks; for operators. */
export type ProofFault =
  | 'nonce-not-admitted'
  | 'signature-missing'
  | 'components-missing'
  | 'keyid-of-another-key'
  | 'alg-of-another-key'
  | 'created-in-the-future'
  | 'expired'
  | 'digest-wrong'
  | 'signature-wrong';

/** Allowed difference of the client's clock, in seconds. */
const CLOCK_SKEW_SECONDS = 60;

/**
 * @param content of the request; empty where it has none.
 * @param now milliseconds since 1970.
 * @returns the fault; undefined when the client signed this very request, and its nonce was admitted for it.
 */
export async function faultOfRequest(
  message: RequestMessage,
  content: Uint8Array<ArrayBuffer>,
  client: ClientCertificate,
  keys: ClientKeys,
  now: number,
): Promise<ProofFault | undefined> {
  const { fields } = message;
  if (client.nonce === undefined || combinedField(fields, 'cale-nonce') !== client.nonce) return 'nonce-not-admitted';
  const signature = tryParse(() => parseSignatureFields(fields));
  if (signature === undefined) return 'signature-missing';
  if (!hasRequestForm(signature, fields, content.length > 0)) return 'components-missing';
  if (signature.keyid !== encodeBase64Url(client.keyIdentifier)) return 'keyid-of-another-key';
  const timeFault = faultOfTime(signature, Math.floor(now / 1000));
  if (timeFault !== undefined) return timeFault;
  const digest = combinedField(fields, 'content-digest');
  if (digest !== undefined && digest !== (await encodeContentDigest(content))) return 'digest-wrong';
  return faultOfSignature(signature, message, client, keys);
}

function faultOfTime({ created, expires }: ParsedSignature, seconds: number): ProofFault | undefined {
  if (created !== undefined && created > seconds + CLOCK_SKEW_SECONDS) return 'created-in-the-future';
  return expires !== undefined && expires < seconds - CLOCK_SKEW_SECONDS ? 'expired' : undefined;
}

async function faultOfSignature(
  signature: ParsedSignature,
  message: RequestMessage,
  { publicKey }: ClientCertificate,
  keys: ClientKeys,
): Promise<ProofFault | undefined> {
  const algorithm = findHttpAlgorithm(publicKey, signature.alg);
  if (algorithm === undefined) return 'alg-of-another-key';
  const base = tryParse(() => encodeSignatureBase(signature, message));
  if (base === undefined) return 'components-missing';
  const key = await keys.verifier(publicKey, algorithm);
  const isGood = await crypto.subtle.verify(algorithm.algorithm, key, signature.signature, base);
  return isGood ? undefined : 'signature-wrong';
}
