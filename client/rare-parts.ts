/** The parts of the client that a session asks for rarely: they come with `on-demand.ts`. */

import type { sealRequest } from './exchange/seal-request.ts';
import type { readWhoami } from './whoami.ts';

export interface RareParts {
  readonly readWhoami: typeof readWhoami;
  readonly sealRequest: typeof sealRequest;
}
