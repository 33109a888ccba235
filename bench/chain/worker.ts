/** The Worker of the bare hops: one a role, by its variable. */

import { type BareEnv, HANDLERS } from './roles.ts';

export { BareShard } from './shard.ts';

export default {
  fetch: (request, env) => HANDLERS[env.ROLE](request, env),
} satisfies ExportedHandler<BareEnv>;
