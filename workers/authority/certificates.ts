/** Certificates for GUIDs: for one request (draft 4.2, B.2.2 and B.2.3), and expired at once for whoami (4.3, B.3). */

import { utf8 } from '../../shared/bytes.ts';
import { type Issuer, importIssuer, issueCertificate } from '../../shared/certificate/issue.ts';
import { type Profile, profileFields } from '../../shared/certificate/profile.ts';
import type { ContentEncryption } from '../../shared/ciphers.ts';
import { seal } from '../../shared/cms/seal.ts';
import { decoyProfile } from '../../shared/decoy/profile.ts';
import { type Decoy, type DecoyKey, decoyFor, importDecoyKey } from '../../shared/decoy/recipient.ts';
import { recipientFor } from '../../shared/keys/recipient.ts';
import { parseGuid } from '../../shared/wire/guid.ts';
import { encodePem } from '../../shared/wire/pem.ts';
import type { AuthorityConfig } from './config.ts';
import type { Shards } from './shards.ts';

/** A certificate is still valid at its notAfter; one that ended a second ago is not, whatever the clock says. */
const SECOND_MS = 1000;

/** Issues for the GUIDs of one authority. Keys are imported at the first request: none can be while a Worker starts. */
export class Certificates {
  readonly #config: AuthorityConfig;
  readonly #shards: Shards;
  #issuer: Issuer | undefined;
  #decoyKey: DecoyKey | undefined;

  constructor(config: AuthorityConfig, shards: Shards) {
    this.#config = config;
    this.#shards = shards;
  }

  /**
   * @param guid as the client sent it.
   * @returns a certificate in PEM, valid for `certificateLifetimeSeconds`; undefined when the GUID is unknown, revoked
   *   or none. A certificate is issued all the same, so that both take the same work.
   */
  async forRequest(guid: string): Promise<string | undefined> {
    const { der, decoy } = await this.#issue(guid, Date.now(), this.#config.certificateLifetimeSeconds);
    const pem = encodePem('CERTIFICATE', der);
    return decoy === undefined ? pem : undefined;
  }

  /**
   * @param guid as the client sent it.
   * @returns in parts of DER, the sealed PEM of a certificate that has expired; for an unknown GUID, sealed for nobody.
   */
  async whoami(guid: string, encryption: ContentEncryption): Promise<readonly Uint8Array[]> {
    const { der, profile, decoy } = await this.#issue(guid, Date.now() - SECOND_MS, 0);
    const recipient = decoy?.recipient ?? (await recipientFor(profileFields(profile).subjectPublicKeyInfo));
    return seal(recipient, encryption, utf8(encodePem('CERTIFICATE', der)));
  }

  /**
   * The authority with its key, imported once an isolate.
   * @throws {TypeError} when AUTHORITY_KEY is not the key of the first certificate.
   */
  async issuer(): Promise<Issuer> {
    this.#issuer ??= await importIssuer(this.#config.authorities[0], this.#config.key);
    return this.#issuer;
  }

  async #issue(
    text: string,
    notBefore: number,
    lifetimeSeconds: number,
  ): Promise<{ der: Uint8Array<ArrayBuffer>; profile: Profile; decoy?: Decoy }> {
    const { organization, decoySecret } = this.#config;
    const issuer = await this.issuer();
    const guid = parseGuid(text);
    const stored = guid && (await this.#shards.of(guid).find(guid));
    if (stored) {
      const profile = new Uint8Array(stored);
      return { der: await issueCertificate(issuer, profile, notBefore, lifetimeSeconds), profile };
    }
    this.#decoyKey ??= await importDecoyKey(decoySecret);
    const decoy = await decoyFor(this.#decoyKey, guid ?? text);
    const profile = await decoyProfile(this.#decoyKey, guid ?? text, decoy, organization);
    return { der: await issueCertificate(issuer, profile, notBefore, lifetimeSeconds), profile, decoy };
  }
}
