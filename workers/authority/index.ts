import { env } from 'cloudflare:workers';
import { createAuthority } from './app.ts';
import { authorityFromSettings } from './settings.ts';

export { CredentialShard } from '../../durable-objects/credential-shard/shard.ts';
export { ResourceOwner } from '../../durable-objects/resource-owner/resource-owner.ts';

export default createAuthority(authorityFromSettings(env));
