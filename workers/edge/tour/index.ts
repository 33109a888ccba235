/** The edge with the page of the tour, which is more than twice the code of the edge itself. */

import { env } from 'cloudflare:workers';
// Built by scripts/build-page.ts.
import page from '../../../build/page.html';
import { createEdge } from '../app.ts';
import { edgeFromSettings } from '../settings.ts';

export { PasswordGuard } from '../../../durable-objects/password-guard/guard.ts';

export default createEdge({ ...edgeFromSettings(env), page });
