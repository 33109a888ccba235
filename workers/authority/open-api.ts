/** The package's `cale-workers/authority/openapi`: beside the authority, because not every Worker has room for it. */

import text from './openapi.txt';

/** The description of the edge's interface, OpenAPI 3.1 in JSON: the option `openApi` of an authority. */
export const openApi: string = text;
