/** Answers to GUIDs that nobody has (draft 4.2, B.2.3c), in the form of real ones. */

import { padme } from '../../shared/bhttp/padme.ts';
import type { ContentEncryption } from '../../shared/ciphers.ts';
import { seal } from '../../shared/cms/seal.ts';
import { type DecoyKey, decoyFor, decoyOctets, importDecoyKey } from '../../shared/decoy/recipient.ts';
import { answerForm, sealedResponse } from '../../shared/wire/answer.ts';
import { parseGuid } from '../../shared/wire/guid.ts';
import { CALE_ACCEPT, wantsBinaryHttp } from '../../shared/wire/headers.ts';

/** Octets of content that decoys pretend to have: the least, and how many more there can be. */
const LEAST_CONTENT = 64;
const CONTENT_SPAN = 1024;
/** Octets that Binary HTTP adds to a body for its status, one media type and the lengths. */
const BINARY_HTTP_OCTETS = 38;

export class Decoys {
  readonly #secret: Uint8Array<ArrayBuffer>;
  #key: DecoyKey | undefined;

  constructor(secret: Uint8Array<ArrayBuffer>) {
    this.#secret = secret;
  }

  /** @returns a decoy whose recipient is the same each time for the GUID, and whose length is for GUID and path. */
  async answer(request: Request, guidText: string, encryption: ContentEncryption): Promise<Response> {
    this.#key ??= await importDecoyKey(this.#secret);
    const guid = parseGuid(guidText) ?? guidText;
    const { recipient } = await decoyFor(this.#key, guid);
    const length = await this.#contentLength(this.#key, guid, new URL(request.url).pathname);
    const isPadded = wantsBinaryHttp(request.headers.get(CALE_ACCEPT));
    const content = new Uint8Array(isPadded ? padme(BINARY_HTTP_OCTETS + length) : length);
    const parts = await seal(recipient, encryption, content);
    return sealedResponse(answerForm(encryption, request.headers.get('Accept')), parts, request.method);
  }

  async #contentLength(key: DecoyKey, guid: string, path: string): Promise<number> {
    const [high = 0, low = 0] = await decoyOctets(key, 'length', `${guid} ${path}`, 2);
    return LEAST_CONTENT + ((high * 256 + low) % CONTENT_SPAN);
  }
}
