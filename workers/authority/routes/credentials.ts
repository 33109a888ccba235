/** An owner's own credentials: `GET /credentials` lists them, `DELETE /credentials/{id}` revokes one. */

import { waitUntil } from 'cloudflare:workers';
import { type Context, Hono } from 'hono';
import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { sealForNone } from '../../../shared/cms/seal-for-none.ts';
import { log } from '../../../shared/log.ts';
import { claimedGuid } from '../../../shared/protocol/guid.ts';
import { CALE_GUID, CALE_IDENTITY, CALE_NONCE, CIPHER } from '../../../shared/protocol/headers.ts';
import type { Identity } from '../../../shared/protocol/identity.ts';
import { tryParseIdentityHeader } from '../../../shared/protocol/identity-header.ts';
import { tryParseNonce } from '../../../shared/protocol/nonce.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { createSealedResponse, negotiateFormat } from '../../../shared/protocol/sealed-response.ts';
import { contentEncryptionFor } from '../../../shared/protocol/tls-ciphers.ts';
import type { AuthorityContext } from '../context.ts';
import { deriveCredentialId } from '../credentials/credential-id.ts';
import { adopt, type Credentials } from '../credentials/credentials.ts';
import { encodePage, PAGE_BYTES, type Page, readPage } from '../credentials/listing.ts';
import { revokeCredential } from '../credentials/revoke.ts';
import type { Holder, Holders, OwnedHolder } from '../holders.ts';
import { proveClient } from '../proof.ts';

/** No owner has this name: its object stands for that of an owner where there is no credential at all. */
const NO_OWNER = '';

export function credentials(stored: Credentials, holders: Holders): Hono<AuthorityContext> {
  return new Hono<AuthorityContext>()
    .get('/', async (c) => {
      const encryption = encryptionOf(c);
      if (encryption === undefined) return problemResponse('cipher-not-accepted');
      const holder = await holders.findWithOwner(await claimedGuid(c.req.header(CALE_GUID) ?? ''), c.env.trace);
      const nonce = tryParseNonce(c.req.header(CALE_NONCE) ?? '');
      c.env.trace.noteGuid(holder.refusal);
      // Read for GUIDs that are not valid as well, and thrown away.
      const page = await pageFor(stored, holder, c.req.query('cursor'));
      const content =
        holder.refusal === null ? encodePage(page, nonce) : crypto.getRandomValues(new Uint8Array(PAGE_BYTES));
      return sealedFor(c, holders, holder, encryption, content);
    })
    .delete('/:id', async (c) => {
      const identity = c.req.header(CALE_IDENTITY);
      if (identity !== undefined) return revokeByIdentity(stored, tryParseIdentityHeader(identity), c.req.param('id'));
      const encryption = encryptionOf(c);
      if (encryption === undefined) return problemResponse('cipher-not-accepted');
      const client = await proveClient(holders, c.req.raw, new Uint8Array(0), c.env.trace);
      if (client instanceof Response) return client;
      const { guid, owner, nonce } = client;
      const id = c.req.param('id');
      const isOwn = id === (await deriveCredentialId(guid));
      const named = isOwn ? guid : await stored.owners.of(owner.owner).guidOf(id);
      const revoked =
        named === null ? 0 : await revokeCredential(stored, { owner: owner.owner, guid: named }, 'client');
      log({ event: 'revoked', by: 'client', count: revoked });
      return sealedFor(c, holders, client, encryption, encodePage({ revoked }, nonce));
    });
}

function encryptionOf(c: Context<AuthorityContext>): ContentEncryptionName | undefined {
  const encryption = contentEncryptionFor(c.req.header(CIPHER) ?? '');
  c.env.trace.cipher = encryption;
  return encryption;
}

async function pageFor(
  stored: Credentials,
  { owner, refusal }: OwnedHolder,
  cursor: string | undefined,
): Promise<Page> {
  const name = owner?.owner ?? NO_OWNER;
  const { lost, ...page } = await readPage(stored, name, refusal === null ? owner : null, cursor);
  if (lost.length > 0) waitUntil(stored.owners.of(name).drop(lost));
  if (refusal === null && owner !== null && !owner.isOwned) waitUntil(adopt(stored, [owner]));
  return page;
}

async function sealedFor(
  c: Context,
  holders: Holders,
  { template, refusal }: Holder,
  encryption: ContentEncryptionName,
  content: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const recipient = await holders.recipientOf(template);
  const parts = await (refusal === null ? seal : sealForNone)(recipient, encryption, content);
  return createSealedResponse(negotiateFormat(encryption, c.req.header('Accept') ?? null), parts, c.req.method);
}

/** For owners who have lost all their devices. */
async function revokeByIdentity(stored: Credentials, identity: Identity | undefined, id: string): Promise<Response> {
  if (identity === undefined) return problemResponse('identity-required');
  const guid = await stored.owners.of(identity.owner).guidOf(id);
  if (guid === null) return problemResponse('not-found');
  const revoked = await revokeCredential(stored, { owner: identity.owner, guid }, 'owner');
  log({ event: 'revoked', by: 'owner', count: revoked });
  return new Response(null, { status: 204, headers: { 'Cache-Control': 'no-store' } });
}
