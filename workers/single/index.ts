/** All parties in one Worker: each is an entrypoint of it, and is reached by the others only as they reach a Worker elsewhere. */

import { env, exports, WorkerEntrypoint, waitUntil } from 'cloudflare:workers';
import { parseSetting } from '../../shared/settings.ts';
import { createAdministeredAuthority } from '../authority/app.ts';
import { openApi } from '../authority/open-api.ts';
import { authorityFromSettings } from '../authority/settings.ts';
import { createEdge } from '../edge/app.ts';
import { edgeFromSettings } from '../edge/settings.ts';
import { createDemoOrigin } from '../origin/app.ts';
import { originFromSettings } from '../origin/config.ts';
import { createResource } from '../resource/app.ts';

export { CredentialShard } from '../../durable-objects/credential-shard/shard.ts';
export { PasswordGuard } from '../../durable-objects/password-guard/guard.ts';
export { ResourceOwner } from '../../durable-objects/resource-owner/resource-owner.ts';

type Name = 'Authority' | 'Administration' | 'Origin' | 'Resource';

/** A class below as a binding. The bindings come when all of this module has run. */
const entrypoint = (name: Name): Pick<Fetcher, 'fetch'> => ({
  // Their type is made of this module, which is made of them.
  fetch: (...request) => (exports as unknown as Readonly<Record<Name, Fetcher>>)[name].fetch(...request),
});

const { authority, administration } = createAdministeredAuthority({ ...authorityFromSettings(env), openApi });
const resource = parseSetting(env, 'AUTHORITY_CERTIFICATES', createResource);
const origin = createDemoOrigin(originFromSettings({ ...env, RESOURCE: entrypoint('Resource') }, waitUntil));
const edge = createEdge(
  edgeFromSettings({
    ...env,
    AUTHORITY: entrypoint('Authority'),
    ADMINISTRATION: entrypoint('Administration'),
    ORIGIN: entrypoint('Origin'),
  }),
);

export class Authority extends WorkerEntrypoint {
  override fetch(request: Request): Response | Promise<Response> {
    return authority.fetch(request, undefined, this.ctx);
  }
}

export class Administration extends WorkerEntrypoint {
  override fetch(request: Request): Response | Promise<Response> {
    return administration.fetch(request);
  }
}

export class Origin extends WorkerEntrypoint {
  override fetch(request: Request): Response | Promise<Response> {
    return origin.fetch(request, undefined, this.ctx);
  }
}

export class Resource extends WorkerEntrypoint {
  override fetch(request: Request): Response | Promise<Response> {
    return resource.fetch(request, undefined, this.ctx);
  }
}

// Only the edge is reachable. The cron trigger is the authority's.
export default { fetch: edge.fetch, scheduled: authority.scheduled };
