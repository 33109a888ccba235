import type { Handler } from 'hono';
import { CALE_ADMINISTRATOR } from '../../../shared/protocol/headers.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { readBody } from '../../../shared/protocol/read-body.ts';
import type { AdministratorProof } from '../administration/proof.ts';
import { findAdministrator } from '../administration/tokens.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { fetchUpstream, type Upstream } from '../upstream.ts';

/** Maximum size of a body. A page of an import is smaller: a hundred CSRs of the largest size do not come together. */
const MAX_BODY_BYTES = 1024 * 1024;
const TOO_LARGE = `The body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB.`;

type Administrators = Pick<EdgeConfig, 'organization' | 'adminTokens' | 'administratorProof'>;

/**
 * `/admin/*`, administration (draft 4.4): passed on to the authority for a bearer of a token, with the name of who has it.
 * The answer is the authority's, in JSON, or a problem. Fails when the authority does not do its part.
 */
export function admin(administrators: Administrators, administration: Upstream): Handler<EdgeContext> {
  const challenge = { 'WWW-Authenticate': `Bearer realm="${administrators.organization}"` };
  return async (c) => {
    // Before the token, so that tokens cannot be guessed without it.
    const proved = await prove(administrators.administratorProof, c.req.raw.headers);
    if (!proved.ok) return problemResponse('admin-access-required', {}, { detail: proved.detail });
    const [, token] = /^bearer +([^ ]+) *$/i.exec(c.req.header('Authorization') ?? '') ?? [];
    const administrator = token && (await findAdministrator(token, administrators.adminTokens));
    if (!administrator) return problemResponse('admin-token-required', challenge);
    const { method } = c.req;
    const body = method === 'POST' ? await readBody(c.req.raw, MAX_BODY_BYTES) : null;
    if (body === undefined) return problemResponse('admin-request-malformed', {}, { detail: TOO_LARGE });
    const { pathname, search } = new URL(c.req.url);
    const forwarded = new Request(`https://authority${pathname}${search}`, {
      method,
      body,
      headers: { [CALE_ADMINISTRATOR]: [administrator, ...proved.names].join(', ') },
    });
    const response = await fetchUpstream('authority', administration, forwarded, c.env.trace);
    return new Response(response.body, {
      status: response.status,
      headers: {
        'Content-Type': response.headers.get('Content-Type') ?? 'application/json',
        'Cache-Control': 'no-store',
      },
    });
  };
}

/** @returns the names that were proved beside a token: one, or none where no proof is asked for. */
async function prove(
  proof: AdministratorProof | undefined,
  headers: Headers,
): Promise<{ readonly ok: true; readonly names: readonly string[] } | { readonly ok: false; readonly detail: string }> {
  if (proof === undefined) return { ok: true, names: [] };
  const proved = await proof.prove(headers);
  return proved.ok ? { ok: true, names: [proved.value] } : proved;
}
