/** Answers to unknown GUIDs (draft 4.2, B.2.3c), in the form of real ones. */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { type DecoyKey, deriveDecoy, deriveDecoyBytes, importDecoyKey } from '../../../shared/protocol/decoy.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import { CALE_ACCEPT, CALE_NONCE, wantsBinaryHttp } from '../../../shared/protocol/headers.ts';
import { padme } from '../../../shared/protocol/padding.ts';
import { createSealedResponse, negotiateFormat } from '../../../shared/protocol/sealed-response.ts';

/** Sizes of content that decoys pretend to have, in bytes: the least, and how many more there can be. */
const LEAST_CONTENT = 64;
const CONTENT_SPAN = 1024;
/** Bytes that Binary HTTP adds to a body for its status, one media type and the lengths. */
const BINARY_HTTP_BYTES = 38;
/** Bytes of the fields of digest and signature, which answers to requests with a nonce have besides. */
const SIGNATURE_BYTES = 386;

export class Decoys {
  readonly #secret: Uint8Array<ArrayBuffer>;
  #key: DecoyKey | undefined;

  constructor(secret: Uint8Array<ArrayBuffer>) {
    this.#secret = secret;
  }

  /** @returns a decoy whose recipient is the same each time for the GUID, and whose length is for GUID and path. */
  async answer(request: Request, guid: Guid, encryption: ContentEncryptionName): Promise<Response> {
    this.#key ??= await importDecoyKey(this.#secret);
    const { recipient } = await deriveDecoy(this.#key, guid);
    const length = await this.#contentLength(this.#key, guid, new URL(request.url).pathname);
    const isPadded = wantsBinaryHttp(request.headers.get(CALE_ACCEPT));
    const content = new Uint8Array(
      isPadded ? padme(BINARY_HTTP_BYTES + (request.headers.has(CALE_NONCE) ? SIGNATURE_BYTES : 0) + length) : length,
    );
    const parts = await seal(recipient, encryption, content);
    return createSealedResponse(negotiateFormat(encryption, request.headers.get('Accept')), parts, request.method);
  }

  async #contentLength(key: DecoyKey, guid: Guid, path: string): Promise<number> {
    const [high = 0, low = 0] = await deriveDecoyBytes(key, 'length', `${guid} ${path}`, 2);
    return LEAST_CONTENT + ((high * 256 + low) % CONTENT_SPAN);
  }
}
