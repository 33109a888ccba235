import { env } from 'cloudflare:workers';
import { createEdge, edgeFromSettings, upstreamAt } from 'cale-workers/edge';

export { PasswordGuard } from 'cale-workers/edge';

export default createEdge(edgeFromSettings({ ...env, ORIGIN: upstreamAt('http://127.0.0.1:5005') }));
