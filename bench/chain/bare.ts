/**
 * The hops of a standard request without cryptography: the same calls between the same parties, with as many octets in
 * each message. One Worker a role, by its variable.
 */

import { DurableObject } from 'cloudflare:workers';

interface BareEnv {
  readonly ROLE: 'edge' | 'authority' | 'origin' | 'resource';
  readonly AUTHORITY: Fetcher;
  readonly ORIGIN: Fetcher;
  readonly RESOURCE: Fetcher;
  readonly SHARDS: DurableObjectNamespace<BareShard>;
  /** Octets of the certificate in PEM, of its parts as the shard has them, and of the answer. */
  readonly CERTIFICATE_LENGTH: string;
  readonly PROFILE_LENGTH: string;
  readonly ANSWER_LENGTH: string;
}

/** A shard with one row. */
export class BareShard extends DurableObject<BareEnv> {
  constructor(ctx: DurableObjectState, env: BareEnv) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS rows (guid TEXT PRIMARY KEY, profile BLOB)');
    const profile = new Uint8Array(Number(env.PROFILE_LENGTH));
    ctx.storage.sql.exec("INSERT INTO rows VALUES ('known', ?) ON CONFLICT DO NOTHING", profile);
  }

  find(): ArrayBuffer | undefined {
    const [row] = this.ctx.storage.sql.exec<{ profile: ArrayBuffer }>("SELECT profile FROM rows WHERE guid = 'known'");
    return row?.profile;
  }
}

const HANDLERS: Record<BareEnv['ROLE'], (request: Request, env: BareEnv) => Promise<Response>> = {
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
  async authority(_, { SHARDS, CERTIFICATE_LENGTH }) {
    await SHARDS.getByName('shard').find();
    return new Response('x'.repeat(Number(CERTIFICATE_LENGTH)), { headers: { 'Content-Type': 'application/x509' } });
  },
  async origin(request, { RESOURCE, ANSWER_LENGTH }) {
    const headers = { 'CALE-PEM': request.headers.get('CALE-PEM') ?? '' };
    await (await RESOURCE.fetch('https://resource/aggregate', { headers })).json();
    return new Response('x'.repeat(Number(ANSWER_LENGTH)), {
      headers: {
        'MIME-Version': '1.0',
        'Content-Disposition': 'attachment; filename="smime.p7m"',
        'Content-Type': 'application/x-pkcs7-mime; smime-type=authEnveloped-data; name="smime.p7m"',
        'Content-Transfer-Encoding': 'base64',
        'Cache-Control': 'no-store',
      },
    });
  },
  async resource() {
    return Response.json({ foo: 'bar' });
  },
};

export default {
  fetch: (request, env) => HANDLERS[env.ROLE](request, env),
} satisfies ExportedHandler<BareEnv>;
