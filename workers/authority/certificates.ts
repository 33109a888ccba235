/** Certificates for GUIDs: for one request (draft 4.2, B.2.2 and B.2.3), and expired at once for whoami (4.3, B.3). */

import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import { seal } from '../../shared/cms/seal.ts';
import { sealForNone } from '../../shared/cms/seal-for-none.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';
import { encodePem } from '../../shared/encoding/pem.ts';
import type { Guid } from '../../shared/protocol/guid.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import type { RequestTrace } from '../../shared/protocol/request-trace.ts';
import type { AuthorityConfig } from './config.ts';
import type { FindOptions, GuidRefusal, Holders } from './holders.ts';
import { issueCertificate } from './issuance/issue.ts';
import { type Issuer, importIssuer } from './issuance/issuer.ts';

/** A certificate for whoami ended a day before it is issued, so that no clock takes it for a valid one. */
const DAY_MS = 24 * 60 * 60 * 1000;

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

/** Issues for the GUIDs of one authority. Keys are imported at the first request: none can be while a Worker starts. */
export class Certificates {
  readonly #config: AuthorityConfig;
  readonly #holders: Holders;
  #issuer: Issuer | undefined;

  constructor(config: AuthorityConfig, holders: Holders) {
    this.#config = config;
    this.#holders = holders;
  }

  /**
   * @param trace of the request.
   * @param nonce to be admitted for one request, which the certificate then serves and no other.
   * @param asker of `CALE-Asker`.
   * @returns a certificate for `certificateLifetimeSeconds`. For a GUID that is unknown or revoked, or a nonce that is not
   *   admitted, it is one for a decoy: issued as any other.
   */
  async forRequest(guid: Guid, trace: RequestTrace, { nonce, asker }: FindOptions = {}): Promise<RequestCertificate> {
    const issuer = await this.issuer();
    const { template, refusal } = await this.#holders.find(guid, trace, { nonce, asker });
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
  async whoami(
    guid: Guid,
    encryption: ContentEncryptionName,
    trace: RequestTrace,
    nonce: Nonce | undefined,
  ): Promise<SealedWhoami> {
    const issuer = await this.issuer();
    const { template, refusal } = await this.#holders.find(guid, trace);
    const issue = { purpose: 'whoami', notBefore: Date.now() - DAY_MS, seconds: 0, nonce } as const;
    const pem = utf8(encodePem('CERTIFICATE', await issueCertificate(issuer, template, issue)));
    const recipient = await this.#holders.recipientOf(template);
    const sealFor = refusal === null ? seal : sealForNone;
    return { parts: await sealFor(recipient, encryption, pem), refusal };
  }

  /**
   * The authority with its key, imported once an isolate.
   * @throws {TypeError} when AUTHORITY_KEY is not the key of the first certificate.
   * @throws {RangeError} when that certificate has ended, or has not begun: no party would believe what it issues.
   */
  async issuer(): Promise<Issuer> {
    const [anchor] = this.#config.anchors;
    const now = Date.now();
    if (now < anchor.notBefore || now > anchor.notAfter) {
      const [from, to] = [anchor.notBefore, anchor.notAfter].map((time) => new Date(time).toISOString());
      throw new RangeError(`the first of AUTHORITY_CERTIFICATES is valid from ${from} to ${to}, and not now`);
    }
    this.#issuer ??= await importIssuer(anchor, this.#config.key);
    return this.#issuer;
  }
}
