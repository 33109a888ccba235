/** The edge: the one Worker that is reachable from outside. It cannot read an answer. */

import { env } from 'cloudflare:workers';
import { createEdge, edgeFromSettings } from 'cale-workers/edge';

export { PasswordGuard } from 'cale-workers/edge';

export default createEdge(edgeFromSettings(env));
