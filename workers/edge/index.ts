import { env } from 'cloudflare:workers';
// Built by scripts/build-page.ts, which wrangler runs before it bundles the edge.
import page from '../../build/page.html';
import { createEdge } from './app.ts';
import { edgeFromSettings } from './config.ts';

export default createEdge(edgeFromSettings(env), page);
