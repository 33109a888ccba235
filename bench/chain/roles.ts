/**
 * The parties of a standard request as bare hops and nothing else: the same calls between them, with as many bytes in
 * each body. With CALLS=crypto each party also makes the WebCrypto calls that its part cannot do without, so that only
 * the product's own work is left to save.
 */

import { sealBare } from '../parties/bare-calls.ts';
import { type Client, type ClientKeyType, createClient } from '../parties/client.ts';
import { contentOf } from '../parties/content.ts';
import type { BareShard } from './shard.ts';

export type Role = 'edge' | 'authority' | 'origin' | 'resource';

export interface BareEnv {
  readonly ROLE: Role;
  readonly CALLS: 'none' | 'crypto';
  readonly KEY_TYPE: ClientKeyType;
  /** Signatures of the origin: none, one on the answer, or beside it the one on the request to verify. */
  readonly SIGNATURES: 'none' | 'answer' | 'write';
  readonly AUTHORITY: Fetcher;
  readonly ORIGIN: Fetcher;
  readonly RESOURCE: Fetcher;
  readonly SHARDS: DurableObjectNamespace<BareShard>;
  /** Sizes in bytes: of the certificate in PEM, of its template in the shard, of the content and of the answer. */
  readonly CERTIFICATE_LENGTH: string;
  readonly TEMPLATE_LENGTH: string;
  readonly CONTENT_LENGTH: string;
  readonly ANSWER_LENGTH: string;
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** As many bytes as a TBSCertificate has. */
const TBS = new Uint8Array(520);

interface Material {
  readonly keys: CryptoKeyPair;
  readonly signature: ArrayBuffer;
  readonly client: Client;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** By the type of the client's key; made once. */
const materials = new Map<ClientKeyType, Material>();

async function prepare({ KEY_TYPE, CONTENT_LENGTH }: BareEnv): Promise<Material> {
  const keys = (await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])) as CryptoKeyPair;
  const signature = await crypto.subtle.sign(ECDSA, keys.privateKey, TBS);
  return { keys, signature, client: await createClient(KEY_TYPE), content: contentOf(Number(CONTENT_LENGTH)) };
}

/** Makes the calls of a party, where they are asked for. */
async function call(env: BareEnv, make: (material: Material) => Promise<unknown>): Promise<void> {
  if (env.CALLS === 'none') return;
  const material = materials.get(env.KEY_TYPE) ?? (await prepare(env));
  materials.set(env.KEY_TYPE, material);
  await make(material);
}

const sign = ({ keys }: Material) => crypto.subtle.sign(ECDSA, keys.privateKey, TBS);
const verify = ({ keys, signature }: Material) => crypto.subtle.verify(ECDSA, keys.publicKey, signature, TBS);

const digest = ({ content }: Material) => crypto.subtle.digest('SHA-256', content);
const digestAndSign = (material: Material) => Promise.all([digest(material), sign(material)]);
const digestAndVerify = (material: Material) => Promise.all([digest(material), verify(material)]);

/** The parties, each by its role. */
export const HANDLERS: Record<Role, (request: Request, env: BareEnv) => Promise<Response>> = {
  async edge(request, { AUTHORITY, ORIGIN }) {
    const guid = request.headers.get('CALE-GUID') ?? '';
    const validation = await AUTHORITY.fetch('https://authority/validate', { headers: { 'CALE-GUID': guid } });
    const headers = new Headers(request.headers);
    headers.delete('CALE-GUID');
    headers.set('CALE-PEM', await validation.text());
    headers.set('Cipher', 'ECDHE-RSA-AES256-GCM-SHA384');
    const answer = await ORIGIN.fetch(new Request(request, { headers }));
    return new Response(answer.body, { headers: answer.headers });
  },
  async authority(_, env) {
    await env.SHARDS.getByName('shard').find();
    await call(env, sign);
    return new Response('x'.repeat(Number(env.CERTIFICATE_LENGTH)), {
      headers: { 'Content-Type': 'application/x509' },
    });
  },
  async origin(request, env) {
    await call(env, verify);
    if (env.SIGNATURES === 'write') await call(env, digestAndVerify);
    const headers = { 'CALE-PEM': request.headers.get('CALE-PEM') ?? '' };
    // The write of the product's chain is answered by the origin itself.
    if (env.SIGNATURES !== 'write') await (await env.RESOURCE.fetch('https://resource/aggregate', { headers })).json();
    if (env.SIGNATURES !== 'none') await call(env, digestAndSign);
    await call(env, ({ client, content }) => sealBare(client, content));
    return new Response('x'.repeat(Number(env.ANSWER_LENGTH)), {
      headers: {
        'MIME-Version': '1.0',
        'Content-Disposition': 'attachment; filename="smime.p7m"',
        'Content-Type': 'application/x-pkcs7-mime; smime-type=authEnveloped-data; name="smime.p7m"',
        'Content-Transfer-Encoding': 'base64',
        'Cache-Control': 'no-store',
      },
    });
  },
  async resource(_, env) {
    await call(env, verify);
    return Response.json({ foo: 'bar' });
  },
};
