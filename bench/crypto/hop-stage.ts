/** The state and the surroundings of one party of a standard request: those that it calls answer at once. */

import { encodePem } from '../../shared/encoding/pem.ts';
import { encodeCalePem } from '../../shared/protocol/cale-pem.ts';
import { CALE_PEM } from '../../shared/protocol/headers.ts';
import { CERTIFICATE_TYPE } from '../../shared/protocol/media-types.ts';
import { negotiateFormat, sealedHeaders } from '../../shared/protocol/sealed-response.ts';
import { type ClientKeyType, createClient } from '../parties/client.ts';
import { certificateFor, createIssuer } from '../parties/issuer.ts';

/** Sizes of the demo's answer in base64 lines, in bytes. */
export const ANSWER_LENGTHS: Record<ClientKeyType, number> = { 'RSA-2048': 1004, 'P-256': 607 };
export const CONTENT = JSON.stringify({
  owner: 'alice',
  organization: 'example.com',
  scopes: ['read', 'write'],
  aggregate: { foo: 'bar' },
});

/** @param keyType of the client's key. */
export async function createStage(keyType: ClientKeyType) {
  const [issuer, client] = [await createIssuer(), await createClient(keyType)];
  const der = await certificateFor(issuer, client);
  const certificate = encodePem('CERTIFICATE', der);
  const calePem = encodeCalePem(der);
  const certificateHeaders = { 'Content-Type': CERTIFICATE_TYPE, [CALE_PEM]: calePem };
  const answer = 'x'.repeat(ANSWER_LENGTHS[keyType]);
  const answerHeaders = sealedHeaders(negotiateFormat('AES-256-GCM', null));
  const template = client.template.buffer;
  return {
    keyType,
    issuer,
    certificate,
    calePem,
    template,
    authorities: encodePem('CERTIFICATE', issuer.anchor.certificate),
    authority: party(() => new Response(certificate, { headers: certificateHeaders })),
    origin: party(() => new Response(answer, { headers: answerHeaders })),
    resource: party(() => Response.json({ foo: 'bar' })),
    shards: { idFromName: () => 0, get: () => SHARD(template) } as never,
    // Never asked: no request registers.
    owners: {} as never,
    catalogue: { get: async () => null, put: async () => undefined } as never,
  };
}

const SHARD = (template: ArrayBuffer) => ({
  find: async () => ({ template, refusal: null }),
  sample: async () => ({ count: 0, drawn: [] }),
  placementKey: async () => new ArrayBuffer(32),
});

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** A party that gives an answer of its own to each request. */
export const party = (answer: () => Response): Fetcher => ({ fetch: async () => answer() }) as never;
