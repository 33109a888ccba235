/** The credentials of an owner: listing and revoking them, by one of them. Loaded on demand. */

import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { CREDENTIALS_PATH } from '../../shared/protocol/endpoints.ts';
import { CALE_GUID, CALE_NONCE } from '../../shared/protocol/headers.ts';
import type { RequestMessage } from '../../shared/protocol/http-signature.ts';
import { CMS_TYPE } from '../../shared/protocol/media-types.ts';
import { newNonce } from '../../shared/protocol/nonce.ts';
import type { Account } from '../account.ts';
import type { CredentialInfo } from '../credential-info.ts';
import { CaleError } from '../errors.ts';
import type { RevokeOptions, Settings } from '../options.ts';
import { fetchDocument } from './document.ts';
import { openResponse } from './open-response.ts';
import { tryParseCredentials } from './parse-credentials.ts';
import { assertProtected } from './protected-edge.ts';
import { proofOf } from './register-key.ts';
import { send } from './send.ts';
import { signRequest } from './sign-request.ts';

/**
 * @returns all credentials of the account's owner, those that were registered last first.
 * @throws {CaleError} `unreadable` when the account's own credential is unknown, revoked or has ended.
 */
export async function listCredentials(account: Account, settings: Settings): Promise<CredentialInfo[]> {
  const found: CredentialInfo[] = [];
  for (let query = ''; ; ) {
    const { credentials, next } = await ask(account, settings, 'GET', query);
    const page = tryParseCredentials(credentials);
    if (page === undefined) throw new CaleError('unreadable');
    found.push(...page);
    if (typeof next !== 'string') return found;
    query = `?cursor=${encodeURIComponent(next)}`;
  }
}

/**
 * @returns false when the owner has no such credential that was not revoked before.
 * @throws {CaleError}
 * @throws {TypeError} when the id is none.
 */
export async function revokeCredential(account: Account, settings: Settings, id: string): Promise<boolean> {
  const { revoked } = await ask(account, settings, 'DELETE', pathOf(id));
  return revoked === 1;
}

/**
 * Revokes the account's own credential.
 * @throws {CaleError} also when it is not certain that it was.
 */
export async function revokeOwn(account: Account, settings: Settings): Promise<void> {
  const own = (await listCredentials(account, settings)).find(({ isCurrent }) => isCurrent);
  if (own === undefined || !(await revokeCredential(account, settings, own.id))) throw new CaleError('unreadable');
}

/**
 * Revokes a credential by a proof of identity, for an owner who has no device any more.
 * @returns false when the owner has no such credential.
 * @throws {CaleError} `refused` when the proof is not accepted.
 * @throws {TypeError} when an option is not of its form.
 */
export async function revokeByProof(
  { authorization, id }: Pick<RevokeOptions, 'authorization' | 'id'>,
  { edge, platform }: Settings,
): Promise<boolean> {
  assertProtected(edge);
  const url = edge + CREDENTIALS_PATH + pathOf(id);
  const headers = { Authorization: await proofOf(authorization) };
  try {
    await send(platform, new Request(url, { method: 'DELETE', headers }));
    return true;
  } catch (error) {
    if (error instanceof CaleError && error.refusal?.problem === 'not-found') return false;
    throw error;
  }
}

function pathOf(id: string): string {
  // Another one could lead elsewhere.
  if (!/^[\w-]+$/.test(id)) throw new TypeError(`${id} is no id of a credential`);
  return `/${id}`;
}

/** @returns the members of the answer, which is of now: it repeats the nonce. */
async function ask(
  account: Account,
  settings: Settings,
  method: 'GET' | 'DELETE',
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { platform, edge } = settings;
  // A nonce that has to be admitted must be of the edge's time.
  if (!platform.clock.isKnown) await fetchDocument(platform, edge);
  const nonce = newNonce(platform.clock.now(), platform.crypto);
  const targetUri = edge + CREDENTIALS_PATH + path;
  const message: RequestMessage = { method, targetUri, fields: [[CALE_NONCE.toLowerCase(), nonce]] };
  const isSigned = method === 'DELETE';
  const { fields } = isSigned ? await signRequest(message, new Uint8Array(0), account.key, platform.subtle) : message;
  const headers = new Headers([...fields, [CALE_GUID, account.guid], ['Accept', CMS_TYPE]] as [string, string][]);
  const response = await send(platform, new Request(targetUri, { method, headers }));
  const { content } = await openResponse(settings, response, account.key);
  const answer = tryParse(() => tryParseJsonObject(parseUtf8(content)));
  if (answer?.['nonce'] !== nonce) throw new CaleError('unreadable');
  return answer;
}
