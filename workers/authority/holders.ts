/** The holders of GUIDs: what their certificates are made of, and the decoys in place of those that there are not. */

import { waitUntil } from 'cloudflare:workers';
import type {
  CredentialOwner,
  CredentialRefusal,
  FoundCredential,
} from '../../durable-objects/credential-shard/credential.ts';
import type { Recipient } from '../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { type PublicKey, parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { LruCache } from '../../shared/crypto/lru-cache.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';
import { DerReader } from '../../shared/encoding/der/reader.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type { RequestTrace } from '../../shared/protocol/request-trace.ts';
import type { Weighted } from '../../shared/protocol/weighted-draw.ts';
import { parseExtensions, parseSubjectKeyIdentifier } from '../../shared/x509/extensions.ts';
import type { AuthorityConfig } from './config.ts';
import { RememberedFinds } from './credentials/remembered-finds.ts';
import type { Shards } from './credentials/shards.ts';
import { settleSuccession } from './credentials/succession.ts';
import { DecoyTemplates } from './decoys/decoy-template.ts';
import { importDecoySecret } from './decoys/secret.ts';
import type { Shape } from './decoys/shape.ts';
import { Shapes } from './decoys/shapes.ts';
import { parseSubjectTemplate, type SubjectTemplate } from './issuance/subject-template.ts';

/** Number of clients' keys that stay imported, and of decoys that need not be derived once more. */
const CACHED_RECIPIENTS = 1000;
const CACHED_DECOYS = 1000;

/** The reason for which a GUID is answered with a decoy; for operators. */
export type GuidRefusal = CredentialRefusal | 'unknown';

/** A GUID with what its certificates are made of. */
export interface Holder {
  readonly template: SubjectTemplate;
  /** Null when the credential is valid. */
  readonly refusal: GuidRefusal | null;
}

/** A holder whose owner is known. */
export interface OwnedHolder extends Holder {
  /** The owner; for an unknown GUID that of another credential. Null when there is no credential at all. */
  readonly owner: CredentialOwner | null;
  /** The credential that this one renews, until it was noted that this one is used. */
  readonly supersedes: Guid | undefined;
}

/** The key of a template. */
export interface TemplateKey {
  readonly publicKey: PublicKey;
  /** SubjectKeyIdentifier. */
  readonly keyIdentifier: Uint8Array<ArrayBuffer>;
}

/** How a GUID is looked up for one request. */
export interface FindOptions {
  /** To be admitted for that request. */
  readonly nonce?: Nonce | undefined;
  /** The value of `CALE-Asker`. */
  readonly asker?: string | undefined;
}

/** Looks GUIDs up for one authority. */
export class Holders {
  readonly #config: AuthorityConfig;
  readonly #shards: Shards;
  readonly #shapes: Shapes;
  readonly #recipients = new LruCache<Recipient>(CACHED_RECIPIENTS);
  readonly #decoys = new LruCache<SubjectTemplate>(CACHED_DECOYS);
  /** Undefined where each request is to ask the shard. */
  readonly #remembered: RememberedFinds | undefined;
  #decoyTemplates: Promise<DecoyTemplates> | undefined;

  constructor(config: AuthorityConfig, shards: Shards) {
    this.#config = config;
    this.#shards = shards;
    this.#shapes = new Shapes(config.catalogue, shards);
    const { revocationDelaySeconds } = config;
    this.#remembered = revocationDelaySeconds === 0 ? undefined : new RememberedFinds(revocationDelaySeconds);
  }

  /**
   * @param trace of the request: number and time of the shard are noted there.
   * @param nonce to be admitted for one request.
   * @param asker for whom an answer of before may do, where that is allowed.
   */
  async find(guid: Guid, trace: RequestTrace, { nonce, asker }: FindOptions = {}): Promise<Holder> {
    const look = () => trace.time('shard', () => this.#shards.find(guid, nonce, trace));
    const isRemembered = this.#remembered !== undefined && asker !== undefined && nonce === undefined;
    const [shapes, found] = await Promise.all([
      this.#shapes.current(),
      isRemembered ? this.#remembered?.find(guid, asker, look) : look(),
    ]);
    if (found !== null) return this.#known(guid, found);
    return { template: await this.#decoyTemplate(guid, shapes), refusal: 'unknown' };
  }

  /** Does what {@link find} does, and tells the owner by the same calls. */
  async findWithOwner(guid: Guid, trace: RequestTrace, nonce?: Nonce): Promise<OwnedHolder> {
    const [shapes, { found, owner }] = await Promise.all([
      this.#shapes.current(),
      trace.time('shard', () => this.#shards.findWithOwner(guid, nonce, trace)),
    ]);
    if (found !== null) return { ...this.#known(guid, found), owner, supersedes: found.supersedes };
    const template = await this.#decoyTemplate(guid, shapes);
    return { template, refusal: 'unknown', owner, supersedes: undefined };
  }

  /** The key of a template, imported to be sealed for. */
  async recipientOf(template: SubjectTemplate): Promise<Recipient> {
    const { spki } = parseSubjectTemplate(template);
    const known = this.#recipients.get(spki);
    if (known !== undefined) return known;
    const { publicKey, keyIdentifier } = keyOf(template);
    const recipient = await importRecipient(publicKey, keyIdentifier);
    this.#recipients.set(spki, recipient);
    return recipient;
  }

  #known(guid: Guid, { template, refusal, supersedes }: FoundCredential): Holder {
    // After the answer, and again with the next request when it fails.
    if (refusal === null && supersedes !== undefined) waitUntil(settleSuccession(this.#shards, guid, supersedes));
    return { template: new Uint8Array(template), refusal };
  }

  async #decoyTemplate(guid: Guid, shapes: readonly Weighted<Shape>[]): Promise<SubjectTemplate> {
    const name = utf8(guid);
    const known = this.#decoys.get(name);
    if (known !== undefined) return known;
    const { decoySecret, organization } = this.#config;
    this.#decoyTemplates ??= importDecoySecret(decoySecret).then((secret) => new DecoyTemplates(secret, organization));
    const template = await (await this.#decoyTemplates).derive(guid, shapes);
    this.#decoys.set(name, template);
    return template;
  }
}

export function keyOf(template: SubjectTemplate): TemplateKey {
  const { spki, extensions } = parseSubjectTemplate(template);
  return {
    publicKey: parsePublicKey(spki),
    keyIdentifier: parseSubjectKeyIdentifier(parseExtensions(new DerReader(extensions))),
  };
}
