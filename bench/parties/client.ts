/** A client with its keys at hand, made within the Worker that is measured. */

import { generateDeviceKey } from '../../client/device-key.ts';
import type { Recipient, RecipientPrivateKey } from '../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { type PublicKey, parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { parseCsr } from '../../shared/x509/csr.ts';
import { encodeSubjectTemplate, type SubjectTemplate } from '../../workers/authority/issuance/subject-template.ts';

/** The types of keys that are measured. */
export type ClientKeyType = Extract<KeyType, 'RSA-2048' | 'P-256'>;

export interface Client {
  readonly keyType: ClientKeyType;
  /** DER of the CSR. */
  readonly csr: Uint8Array<ArrayBuffer>;
  readonly publicKey: PublicKey;
  /** The public key, ready to be sealed for. */
  readonly recipient: Recipient;
  /** DER of the PrivateKeyInfo. */
  readonly pkcs8: Uint8Array<ArrayBuffer>;
  /** The private key, ready to open. */
  readonly privateKey: RecipientPrivateKey;
  readonly template: SubjectTemplate;
}

const IDENTITY = { owner: 'alice', organization: 'example.com', scopes: ['read', 'write'] };

export async function createClient(keyType: ClientKeyType): Promise<Client> {
  const { key: privateKey, csr, pkcs8 } = await generateDeviceKey(keyType, 'phone', crypto.subtle);
  const { subject, spki } = parseCsr(csr);
  const publicKey = parsePublicKey(spki);
  const recipient = await importRecipient(publicKey);
  const { keyIdentifier } = recipient;
  const template = encodeSubjectTemplate({ subject, publicKey, keyIdentifier, identity: IDENTITY });
  return { keyType, csr, publicKey, recipient, pkcs8, privateKey, template };
}
