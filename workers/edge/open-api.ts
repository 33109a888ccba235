/** The package's `cale-workers/edge/openapi`: beside the edge, because not every Worker has room for it. */

import text from '../../build/openapi.txt';

/** The description of the edge's interface, OpenAPI 3.1 in JSON: the option `openApi` of `createEdge`. */
export const openApi: string = text;
