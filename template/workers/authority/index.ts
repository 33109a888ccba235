/** The authority: registers keys, and issues a certificate for each request. */

import { env, WorkerEntrypoint } from 'cloudflare:workers';
import { authorityFromSettings, createAdministeredAuthority } from 'cale-workers/authority';
import { openApi } from 'cale-workers/authority/openapi';

export { CredentialShard, ResourceOwner } from 'cale-workers/authority';

const { authority, administration } = createAdministeredAuthority({ ...authorityFromSettings(env), openApi });

/** Lists and revokes credentials. Only the edge has a binding to it, and asks for the administrator's token. */
export class Administration extends WorkerEntrypoint {
  override fetch(request: Request): Response | Promise<Response> {
    return administration.fetch(request);
  }
}

export default authority;
