/** What the routes of the edge know of a request: its trace, and the variables that the middlewares set. */

import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type { RequestTrace } from '../../shared/protocol/request-trace.ts';
import type { Network } from './network.ts';

/** The negotiated cipher, by its name and by the content encryption that goes with it. */
export interface NegotiatedCipher {
  readonly name: string;
  readonly encryption: ContentEncryptionName;
}

export interface EdgeContext {
  readonly Bindings: {
    /** Gathers the facts of the request for the log. */
    readonly trace: RequestTrace;
  };
  readonly Variables: {
    /** Set by `middleware/network.ts`. */
    network: Network;
    /** Set by `middleware/tls-cipher.ts`. */
    cipher: NegotiatedCipher;
    /** Set by `middleware/guid.ts`: the GUID that the client says, known or not. */
    guid: Guid;
    /** Set by `middleware/rate-limit.ts`: a digest of network and GUID. */
    asker: string;
    /** Set by `middleware/nonce.ts`: the nonce of the request, where it has one. */
    nonce: Nonce | undefined;
  };
}
