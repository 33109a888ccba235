import { env, WorkerEntrypoint } from 'cloudflare:workers';
import { createAdministeredAuthority } from './app.ts';
import { openApi } from './open-api.ts';
import { authorityFromSettings } from './settings.ts';

export { CredentialShard } from '../../durable-objects/credential-shard/shard.ts';
export { ResourceOwner } from '../../durable-objects/resource-owner/resource-owner.ts';

const { authority, administration } = createAdministeredAuthority({ ...authorityFromSettings(env), openApi });

/** Administration, for Workers that have a binding to this entrypoint. The default entrypoint has none. */
export class Administration extends WorkerEntrypoint {
  override fetch(request: Request): Response | Promise<Response> {
    return administration.fetch(request);
  }
}

export default authority;
