/** The variables that the middlewares of the edge set, and its routes read. */

import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type { Network } from './network.ts';

/** The negotiated cipher, by its name and by the content encryption that goes with it. */
export interface NegotiatedCipher {
  readonly name: string;
  readonly encryption: ContentEncryptionName;
}

export interface EdgeContext {
  readonly Variables: {
    /** Set by `middleware/network.ts`. */
    network: Network;
    /** Set by `middleware/tls-cipher.ts`. */
    cipher: NegotiatedCipher;
    /** Set by `middleware/guid.ts`: the GUID that the client says, known or not. */
    guid: Guid;
    /** Set by `middleware/nonce.ts`: the nonce of the request, where it has one. */
    nonce: Nonce | undefined;
  };
}
