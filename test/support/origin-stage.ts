/** An authority, the keys of an origin and a client's device, so that an origin can be asked as the edge asks it. */

import { expect } from 'vitest';
import type { KeyAndCertificates } from '../../origin/keys.ts';
import type { OriginOptions } from '../../origin/options.ts';
import { createAuthority, createOriginKey } from '../../scripts/certificates.ts';
import { open } from '../../shared/cms/open.ts';
import type { RecipientPrivateKey } from '../../shared/cms/recipients/recipient-type.ts';
import { importPrivateKey } from '../../shared/cms/recipients/recipients.ts';
import { type BinaryResponse, parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { encodeCalePem } from '../../shared/protocol/cale-pem.ts';
import type { FieldLines } from '../../shared/protocol/http-signature.ts';
import type { Nonce } from '../../shared/protocol/nonce.ts';
import { type OriginPublicKey, verifyOriginCertificate } from '../../shared/protocol/origin-certificate.ts';
import { encodeCommonName } from '../../shared/x509/name.ts';
import { encodeSubjectTemplate, type SubjectTemplate } from '../../workers/authority/issuance/subject-template.ts';
import { IDENTITY, issue } from './issuing.ts';
import { importAuthority, type TestAuthority } from './minting.ts';
import { createSigner, type Signer } from './signing.ts';

/** The origin of the edge's URL. */
export const EDGE = 'https://api.example.com';
const CIPHER = 'AEAD-AES256-GCM-SHA384';

export interface TestDevice extends Signer {
  readonly template: SubjectTemplate;
  readonly privateKey: RecipientPrivateKey;
}

export interface OriginStage {
  readonly authority: TestAuthority;
  /** Of an origin that signs answers and opens requests. */
  readonly options: OriginOptions & Record<'signing' | 'encryption', KeyAndCertificates>;
  readonly keys: Record<'signing' | 'encryption', OriginPublicKey>;
  readonly device: TestDevice;
}

export async function createOriginStage(): Promise<OriginStage> {
  const made = await createAuthority('test authority');
  const authority = await importAuthority(made);
  const keyFor = async (use: 'signing' | 'encryption') => {
    const { key, certificate } = await createOriginKey(made, use);
    const [der = expect.unreachable()] = parsePem('CERTIFICATE', certificate);
    const trust = { anchors: [authority.issuer.anchor], now: Date.now() };
    const publicKey = await verifyOriginCertificate(der, use, trust);
    return { pair: { key, certificates: certificate }, publicKey: publicKey ?? expect.unreachable() };
  };
  const [signing, encryption] = [await keyFor('signing'), await keyFor('encryption')];
  return {
    authority,
    options: { authorities: made.certificate, signing: signing.pair, encryption: encryption.pair },
    keys: { signing: signing.publicKey, encryption: encryption.publicKey },
    device: await createTestDevice(),
  };
}

export async function createTestDevice(): Promise<TestDevice> {
  const signer = await createSigner('P-256');
  const { publicKey, pkcs8 } = signer.key;
  const { keyIdentifier } = signer;
  const subject = encodeCommonName('phone');
  return {
    ...signer,
    template: encodeSubjectTemplate({ subject, publicKey, keyIdentifier, identity: IDENTITY }),
    privateKey: await importPrivateKey(keyIdentifier, pkcs8, crypto.subtle),
  };
}

export interface Forwarded {
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly fields?: FieldLines;
  readonly from?: TestDevice;
  readonly method?: string;
  readonly nonce?: Nonce | undefined;
  /** The nonce in the certificate: by default that of the request. */
  readonly tied?: Nonce | 'none' | undefined;
  readonly purpose?: 'request' | 'decoy';
}

/** A request as the edge hands it on, with a certificate for it, whose client wants the whole answer in DER. */
export async function forwardedRequest(
  { authority, device }: OriginStage,
  path: string,
  { body, fields = [], from = device, method = 'GET', nonce, purpose = 'request', tied = nonce }: Forwarded = {},
): Promise<Request> {
  const calePem = encodeCalePem(
    await issue(authority.issuer, from.template, { purpose, nonce: tied === 'none' ? undefined : tied }),
  );
  const headers = new Headers({
    'CALE-PEM': calePem,
    Cipher: CIPHER,
    'CALE-Envelope': 'application/pkcs7-mime',
    'CALE-Accept': 'message/bhttp',
    ...(nonce && { 'CALE-Nonce': nonce }),
  });
  for (const [name, value] of fields) headers.set(name, value);
  return new Request(EDGE + path, { method, headers, ...(body && { body }) });
}

/** The answer as its client reads it. */
export async function openedAnswer(response: Response, by: TestDevice): Promise<BinaryResponse> {
  expect(response.status).toBe(200);
  return parseResponse(await open(new Uint8Array(await response.arrayBuffer()), by.privateKey));
}

export const jsonOf = ({ content }: BinaryResponse): unknown => JSON.parse(parseUtf8(content));
