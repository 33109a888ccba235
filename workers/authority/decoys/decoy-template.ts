/** The templates that certificates for GUIDs without a credential are issued from. */

import { parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { DerReader } from '../../../shared/encoding/der/reader.ts';
import { drawWeighted, type Weighted } from '../../../shared/protocol/weighted-draw.ts';
import { parseExtensions, parseSubjectKeyIdentifier } from '../../../shared/x509/extensions.ts';
import { encodeSubjectTemplate, parseSubjectTemplate, type SubjectTemplate } from '../issuance/subject-template.ts';
import { deriveDecoyKey, SCALAR_BYTES } from './decoy-key.ts';
import { type DecoySecret, deriveDecoyBytes } from './secret.ts';
import type { Shape } from './shape.ts';

const SEED_BYTES = 4;
const KEY_IDENTIFIER_BYTES = 20;
const SCALAR_AT = SEED_BYTES + KEY_IDENTIFIER_BYTES;

/** The template of a decoy with the places of what its GUID decides. The rest is the same for all of its shape. */
interface Form {
  readonly template: SubjectTemplate;
  readonly spkiAt: number;
  readonly keyIdentifierAt: number;
}

export class DecoyTemplates {
  readonly #secret: DecoySecret;
  readonly #organization: string;
  /** Encoded once a shape, since it would take as long as the key. */
  readonly #forms = new WeakMap<Shape, Form>();

  /** @param organization of the authority's real identities. */
  constructor(secret: DecoySecret, organization: string) {
    this.#secret = secret;
    this.#organization = organization;
  }

  /**
   * @param shapes of the credentials that there are.
   * @returns a template that is the same each time for the same GUID, as long as the shapes are.
   */
  async derive(guid: string, shapes: readonly Weighted<Shape>[]): Promise<SubjectTemplate> {
    const bytes = await deriveDecoyBytes(this.#secret, 'credential', guid, SCALAR_AT + SCALAR_BYTES);
    const shape = drawWeighted(shapes, new DataView(bytes.buffer).getInt32(0));
    const spki = await deriveDecoyKey(this.#secret, guid, shape.keyType, bytes.subarray(SCALAR_AT));
    const { template, spkiAt, keyIdentifierAt } = this.#formOf(shape, spki);
    const derived = template.slice();
    derived.set(spki, spkiAt);
    derived.set(bytes.subarray(SEED_BYTES, SCALAR_AT), keyIdentifierAt);
    return derived;
  }

  /** @param spki any key of the shape's type. */
  #formOf(shape: Shape, spki: Uint8Array<ArrayBuffer>): Form {
    const known = this.#forms.get(shape);
    if (known !== undefined) return known;
    const { subject, owner, scopes } = shape;
    const template = encodeSubjectTemplate({
      subject: parseBase64(subject),
      publicKey: parsePublicKey(spki),
      keyIdentifier: new Uint8Array(KEY_IDENTIFIER_BYTES),
      identity: {
        owner: fillerOf(owner),
        organization: this.#organization,
        scopes: scopes.map((length) => '0'.repeat(length)),
      },
    });
    const fields = parseSubjectTemplate(template);
    const keyIdentifier = parseSubjectKeyIdentifier(parseExtensions(new DerReader(fields.extensions)));
    const form = { template, spkiAt: fields.spki.byteOffset, keyIdentifierAt: keyIdentifier.byteOffset };
    this.#forms.set(shape, form);
    return form;
  }
}

/** Characters of one to three bytes in UTF-8. */
const CHARACTERS = ['', '0', 'é', '€'] as const;
const FOUR_BYTES = '𐀀';

/** A text of so many bytes in as few characters as can be, because an owner has at most 64. */
const fillerOf = (bytes: number): string => FOUR_BYTES.repeat(bytes >> 2) + (CHARACTERS[bytes & 3] ?? '');
