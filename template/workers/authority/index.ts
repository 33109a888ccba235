/** The authority: registers keys, and issues a certificate for each request. */

import { env } from 'cloudflare:workers';
import { authorityFromSettings, createAuthority } from 'cale-workers/authority';

export { CredentialShard, ResourceOwner } from 'cale-workers/authority';

export default createAuthority(authorityFromSettings(env));
