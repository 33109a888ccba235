/** Verifying the signature on a request that can change something (draft 4.2): by the origin, and by the authority. */

import type { PublicKey } from '../crypto/keys/public-key.ts';
import type { HttpSignatureAlgorithm } from '../crypto/signatures/scheme.ts';
import { findHttpAlgorithm } from '../crypto/signatures/schemes.ts';
import { encodeBase64Url } from '../encoding/base64.ts';
import { tryParse } from '../encoding/error.ts';
import { encodeContentDigest } from './content-digest.ts';
import {
  combinedField,
  encodeSignatureBase,
  type ParsedSignature,
  parseSignatureFields,
  type RequestMessage,
} from './http-signature.ts';
import { hasRequestForm } from './signed-request.ts';

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

/** The client that is to have signed. */
export interface RequestSigner {
  readonly publicKey: PublicKey;
  /** SubjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
  /** The nonce that was admitted; undefined for none. */
  readonly nonce: string | undefined;
}

/** Keys as WebCrypto has them. */
export interface VerifierKeys {
  /** The key that verifies signatures by an algorithm. */
  verifier(key: PublicKey, algorithm: HttpSignatureAlgorithm): Promise<CryptoKey>;
}

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
  signer: RequestSigner,
  keys: VerifierKeys,
  now: number,
): Promise<ProofFault | undefined> {
  const { fields } = message;
  if (signer.nonce === undefined || combinedField(fields, 'cale-nonce') !== signer.nonce) return 'nonce-not-admitted';
  const signature = tryParse(() => parseSignatureFields(fields));
  if (signature === undefined) return 'signature-missing';
  if (!hasRequestForm(signature, fields, content.length > 0)) return 'components-missing';
  const timeFault = faultOfTime(signature, Math.floor(now / 1000));
  if (timeFault !== undefined) return timeFault;
  const digest = combinedField(fields, 'content-digest');
  if (digest !== undefined && digest !== (await encodeContentDigest(content))) return 'digest-wrong';
  // Verified for another keyid too, so that the time does not tell a key's own keyid from others.
  const fault = await faultOfSignature(signature, message, signer, keys);
  return signature.keyid === encodeBase64Url(signer.keyIdentifier) ? fault : 'keyid-of-another-key';
}

function faultOfTime({ created, expires }: ParsedSignature, seconds: number): ProofFault | undefined {
  if (created !== undefined && created > seconds + CLOCK_SKEW_SECONDS) return 'created-in-the-future';
  return expires !== undefined && expires < seconds - CLOCK_SKEW_SECONDS ? 'expired' : undefined;
}

async function faultOfSignature(
  signature: ParsedSignature,
  message: RequestMessage,
  { publicKey }: RequestSigner,
  keys: VerifierKeys,
): Promise<ProofFault | undefined> {
  const algorithm = findHttpAlgorithm(publicKey, signature.alg);
  if (algorithm === undefined) return 'alg-of-another-key';
  const base = tryParse(() => encodeSignatureBase(signature, message));
  if (base === undefined) return 'components-missing';
  const key = await keys.verifier(publicKey, algorithm);
  const isGood = await crypto.subtle.verify(algorithm.algorithm, key, signature.signature, base);
  return isGood ? undefined : 'signature-wrong';
}
