/** Certificates for GUIDs: for one request (draft 4.2, B.2.2 and B.2.3), and expired at once for whoami (4.3, B.3). */

import type { CredentialRefusal } from '../../durable-objects/credential-shard/credential.ts';
import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import type { Recipient } from '../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { sealForNone } from '../../shared/cms/seal-for-none.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { LruCache } from '../../shared/crypto/lru-cache.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';
import { DerReader } from '../../shared/encoding/der/reader.ts';
import { encodePem } from '../../shared/encoding/pem.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type { Weighted } from '../../shared/protocol/weighted-draw.ts';
import { parseExtensions, parseSubjectKeyIdentifier } from '../../shared/x509/extensions.ts';
import type { AuthorityConfig } from './config.ts';
import type { Shards } from './credentials/shards.ts';
import { deriveDecoyTemplate } from './decoys/decoy-template.ts';
import { type DecoySecret, importDecoySecret } from './decoys/secret.ts';
import type { Shape } from './decoys/shape.ts';
import { Shapes } from './decoys/shapes.ts';
import { issueCertificate } from './issuance/issue.ts';
import { type Issuer, importIssuer } from './issuance/issuer.ts';
import { parseSubjectTemplate, type SubjectTemplate } from './issuance/subject-template.ts';

/** A certificate for whoami ended a day before it is issued, so that no clock takes it for a valid one. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** Number of clients' keys that stay imported for whoami, and of decoys that need not be derived once more. */
const CACHED_RECIPIENTS = 1000;
const CACHED_DECOYS = 1000;

/** The reason for which a GUID is answered with a decoy; for operators. */
export type GuidRefusal = CredentialRefusal | 'unknown';

/** A certificate for one request. */
export interface RequestCertificate {
  readonly der: Uint8Array<ArrayBuffer>;
  /** The reason for which it is one by which the origin answers with a decoy. */
  readonly refusal: GuidRefusal | null;
}

/** A sealed certificate for whoami. */
export interface SealedWhoami {
  /** DER in parts. */
  readonly parts: readonly Uint8Array[];
  /** The reason for which no party can open it. */
  readonly refusal: GuidRefusal | null;
}

/** A GUID with what its certificates are made of. */
interface Holder {
  readonly template: SubjectTemplate;
  readonly refusal: GuidRefusal | null;
}

/** Issues for the GUIDs of one authority. Keys are imported at the first request: none can be while a Worker starts. */
export class Certificates {
  readonly #config: AuthorityConfig;
  readonly #shards: Shards;
  readonly #shapes: Shapes;
  readonly #recipients = new LruCache<Recipient>(CACHED_RECIPIENTS);
  readonly #decoys = new LruCache<SubjectTemplate>(CACHED_DECOYS);
  #issuer: Issuer | undefined;
  #decoySecret: DecoySecret | undefined;

  constructor(config: AuthorityConfig, shards: Shards) {
    this.#config = config;
    this.#shards = shards;
    this.#shapes = new Shapes(config.catalogue, shards);
  }

  /**
   * @param nonce to be admitted for one request, which the certificate then serves and no other.
   * @returns a certificate for `certificateLifetimeSeconds`. For a GUID that is unknown or revoked, or a nonce that is not
   *   admitted, it is one for a decoy: issued as any other.
   */
  async forRequest(guid: Guid, nonce?: Nonce): Promise<RequestCertificate> {
    const issuer = await this.issuer();
    const { template, refusal } = await this.#holderOf(guid, nonce);
    const der = await issueCertificate(issuer, template, {
      purpose: refusal === null ? 'request' : 'decoy',
      notBefore: Date.now(),
      seconds: this.#config.certificateLifetimeSeconds,
      nonce,
    });
    return { der, refusal };
  }

  /**
   * @param nonce that the certificate repeats, so that the client knows it to be new.
   * @returns the sealed PEM of a certificate that has expired; for a GUID that is unknown or revoked, of the same form and
   *   open to no party.
   */
  async whoami(guid: Guid, encryption: ContentEncryptionName, nonce: Nonce | undefined): Promise<SealedWhoami> {
    const issuer = await this.issuer();
    const { template, refusal } = await this.#holderOf(guid);
    const issue = { purpose: 'whoami', notBefore: Date.now() - DAY_MS, seconds: 0, nonce } as const;
    const pem = utf8(encodePem('CERTIFICATE', await issueCertificate(issuer, template, issue)));
    const recipient = await this.#recipientOf(template);
    const sealFor = refusal === null ? seal : sealForNone;
    return { parts: await sealFor(recipient, encryption, pem), refusal };
  }

  /**
   * The authority with its key, imported once an isolate.
   * @throws {TypeError} when AUTHORITY_KEY is not the key of the first certificate.
   */
  async issuer(): Promise<Issuer> {
    this.#issuer ??= await importIssuer(this.#config.anchors[0], this.#config.key);
    return this.#issuer;
  }

  async #holderOf(guid: Guid, nonce?: Nonce): Promise<Holder> {
    const shard = this.#shards.at(await this.#shards.numberOf(guid));
    const [shapes, found] = await Promise.all([
      this.#shapes.current(),
      nonce === undefined ? shard.find(guid) : shard.admit(guid, nonce),
    ]);
    if (found !== null) return { template: new Uint8Array(found.template), refusal: found.refusal };
    return { template: await this.#decoyTemplate(guid, shapes), refusal: 'unknown' };
  }

  async #decoyTemplate(guid: Guid, shapes: readonly Weighted<Shape>[]): Promise<SubjectTemplate> {
    const name = utf8(guid);
    const known = this.#decoys.get(name);
    if (known !== undefined) return known;
    this.#decoySecret ??= await importDecoySecret(this.#config.decoySecret);
    const template = await deriveDecoyTemplate(this.#decoySecret, guid, shapes, this.#config.organization);
    this.#decoys.set(name, template);
    return template;
  }

  async #recipientOf(template: SubjectTemplate): Promise<Recipient> {
    const { spki, extensions } = parseSubjectTemplate(template);
    const known = this.#recipients.get(spki);
    if (known !== undefined) return known;
    const identifier = parseSubjectKeyIdentifier(parseExtensions(new DerReader(extensions)));
    const recipient = await importRecipient(parsePublicKey(spki), identifier);
    this.#recipients.set(spki, recipient);
    return recipient;
  }
}
