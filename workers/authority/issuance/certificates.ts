/** Certificates for GUIDs: for one request (draft 4.2, B.2.2 and B.2.3), and expired at once for whoami (4.3, B.3). */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import type { Recipient } from '../../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { LruCache } from '../../../shared/crypto/lru-cache.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { encodePem } from '../../../shared/encoding/pem.ts';
import { type Decoy, type DecoyKey, deriveDecoy, importDecoyKey } from '../../../shared/protocol/decoy.ts';
import type { Guid } from '../../../shared/protocol/guid.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import type { AuthorityConfig } from '../config.ts';
import type { Shards } from '../credentials/shards.ts';
import { deriveDecoyTemplate } from './decoy-template.ts';
import { type Issue, issueCertificate } from './issue.ts';
import { type Issuer, importIssuer } from './issuer.ts';
import { parseSubjectTemplate, type SubjectTemplate } from './subject-template.ts';

/** A certificate for whoami ended a day before it is issued, so that no clock takes it for a valid one. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** Number of clients' keys that stay imported for whoami. */
const CACHED_RECIPIENTS = 1000;

/** Issues for the GUIDs of one authority. Keys are imported at the first request: none can be while a Worker starts. */
export class Certificates {
  readonly #config: AuthorityConfig;
  readonly #shards: Shards;
  readonly #recipients = new LruCache<Recipient>(CACHED_RECIPIENTS);
  #issuer: Issuer | undefined;
  #decoyKey: DecoyKey | undefined;

  constructor(config: AuthorityConfig, shards: Shards) {
    this.#config = config;
    this.#shards = shards;
  }

  /**
   * @param nonce to be admitted for one request, which the certificate then serves and no other.
   * @returns DER of a certificate that is valid for `certificateLifetimeSeconds`; undefined when the GUID is unknown or
   *   revoked, or the nonce is not admitted. A certificate is issued all the same, so that all take the same work.
   */
  async forRequest(guid: Guid, nonce?: Nonce): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const seconds = this.#config.certificateLifetimeSeconds;
    const shard = this.#shards.of(guid);
    const stored = await (nonce === undefined ? shard.find(guid) : shard.admit(guid, nonce));
    const { der, decoy } = await this.#issue(guid, stored, {
      purpose: 'request',
      notBefore: Date.now(),
      seconds,
      nonce,
    });
    return decoy === undefined ? der : undefined;
  }

  /**
   * @param nonce that the certificate repeats, so that the client knows it to be new.
   * @returns in parts of DER, the sealed PEM of a certificate that has expired; for an unknown GUID, sealed to a key
   *   that no party has.
   */
  async whoami(
    guid: Guid,
    encryption: ContentEncryptionName,
    nonce: Nonce | undefined,
  ): Promise<readonly Uint8Array[]> {
    const stored = await this.#shards.of(guid).find(guid);
    const issue = { purpose: 'whoami', notBefore: Date.now() - DAY_MS, seconds: 0, nonce } as const;
    const { der, template, decoy } = await this.#issue(guid, stored, issue);
    const recipient = decoy?.recipient ?? (await this.#recipientOf(template));
    return seal(recipient, encryption, utf8(encodePem('CERTIFICATE', der)));
  }

  /**
   * The authority with its key, imported once an isolate.
   * @throws {TypeError} when AUTHORITY_KEY is not the key of the first certificate.
   */
  async issuer(): Promise<Issuer> {
    this.#issuer ??= await importIssuer(this.#config.anchors[0], this.#config.key);
    return this.#issuer;
  }

  async #issue(
    guid: Guid,
    stored: ArrayBuffer | null,
    issue: Issue,
  ): Promise<{ der: Uint8Array<ArrayBuffer>; template: SubjectTemplate; decoy?: Decoy }> {
    const issuer = await this.issuer();
    if (stored !== null) {
      const template = new Uint8Array(stored);
      return { der: await issueCertificate(issuer, template, issue), template };
    }
    const { organization, decoySecret } = this.#config;
    this.#decoyKey ??= await importDecoyKey(decoySecret);
    const decoy = await deriveDecoy(this.#decoyKey, guid);
    const template = await deriveDecoyTemplate(this.#decoyKey, guid, decoy, organization);
    return { der: await issueCertificate(issuer, template, issue), template, decoy };
  }

  async #recipientOf(template: SubjectTemplate): Promise<Recipient> {
    const { spki } = parseSubjectTemplate(template);
    const known = this.#recipients.get(spki);
    if (known !== undefined) return known;
    const recipient = await importRecipient(parsePublicKey(spki));
    this.#recipients.set(spki, recipient);
    return recipient;
  }
}
