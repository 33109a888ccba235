/** The proof of a client to the authority itself: a request that is signed as every write is (draft 4.2). */

import type { CredentialOwner } from '../../durable-objects/credential-shard/credential.ts';
import { log } from '../../shared/log.ts';
import { claimedGuid, type Guid } from '../../shared/protocol/guid.ts';
import { CALE_GUID, CALE_NONCE, CALE_TARGET_URI } from '../../shared/protocol/headers.ts';
import { type Nonce, tryParseNonce } from '../../shared/protocol/nonce.ts';
import { problemResponse } from '../../shared/protocol/problem.ts';
import type { RequestTrace } from '../../shared/protocol/request-trace.ts';
import { faultOfRequest, type VerifierKeys } from '../../shared/protocol/verify-request.ts';
import { type Holders, keyOf, type OwnedHolder } from './holders.ts';

/** A client that proved to have the key of a valid credential. */
export interface ProvedClient extends OwnedHolder {
  readonly guid: Guid;
  readonly nonce: Nonce;
  readonly owner: CredentialOwner;
}

/** Imported for each request: what is used once a year need not be kept. */
const KEYS: VerifierKeys = {
  verifier: (key, { keyAlgorithm }) => crypto.subtle.importKey('spki', key.spki, keyAlgorithm, false, ['verify']),
};

/**
 * Verifies the signature of a request, and admits its nonce once. For a GUID that is not valid a decoy's key verifies in
 * place of the real one, so that the refusal takes the same work.
 * @param request as the edge passes it on, with the URL that the client signed as `CALE-Target-URI`.
 * @param content of the request; empty where it has none.
 * @param trace of the request.
 * @returns the client, or the one refusal for all that is not good.
 */
export async function proveClient(
  holders: Holders,
  { method, headers }: Request,
  content: Uint8Array<ArrayBuffer>,
  trace: RequestTrace,
): Promise<ProvedClient | Response> {
  const guid = await claimedGuid(headers.get(CALE_GUID) ?? '');
  const nonce = tryParseNonce(headers.get(CALE_NONCE) ?? '');
  if (nonce === undefined) return problemResponse('nonce-malformed');
  const holder = await holders.findWithOwner(guid, trace, nonce);
  const message = { method, targetUri: headers.get(CALE_TARGET_URI) ?? '', fields: [...headers] };
  const fault = await faultOfRequest(message, content, { ...keyOf(holder.template), nonce }, KEYS, Date.now());
  const { owner, refusal } = holder;
  if (refusal === null && fault === undefined && owner !== null) return { ...holder, guid, nonce, owner };
  trace.reason = refusal ?? fault ?? 'unknown';
  log({ event: 'proof-refused', reason: trace.reason });
  return proofRefused();
}

/** Says the same for a signature, a nonce and a GUID that is not good. */
export const proofRefused = (): Response =>
  problemResponse('secondary-proof-required', {}, { detail: 'GUID, nonce or signature is not good.' });
