/** Signed requests by own code, which follows RFC 9421 2.5 and RFC 9530 2, so that each part of one can be another. */

import { createHash } from 'node:crypto';
import type { Device } from './device.ts';

type AnyBody = string | Uint8Array;

/** A request before it is signed. */
export interface Unsigned<Body extends AnyBody = string> {
  readonly method: string;
  /** Whole, as the edge sees it. */
  readonly url: string;
  readonly nonce: string;
  readonly body: Body;
  readonly contentType: string | undefined;
}

/** The parts of a signature, as they are written. */
export interface SignatureParts {
  /** Component identifiers: `"@method"`. */
  readonly components: readonly string[];
  /** Parameters in their order: `keyid="x"`. */
  readonly parameters: readonly string[];
  readonly label: string;
  readonly alg?: 'rsa-pss-sha512';
}

export const randomNonce = (seconds = Math.floor(Date.now() / 1000)): string =>
  `${seconds}.${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url')}`;

export const digestOf = (body: string | Uint8Array): string =>
  `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/** The fields that are signed, by lower-case name. */
export function fieldsOf({ nonce, body, contentType }: Unsigned<AnyBody>): Record<string, string> {
  return {
    'cale-nonce': nonce,
    ...(body.length > 0 && { 'content-digest': digestOf(body) }),
    ...(contentType !== undefined && { 'content-type': contentType }),
  };
}

/** The signature of a client, where nothing else is said. */
export function partsOf(device: Device, { body, contentType }: Unsigned<AnyBody>): SignatureParts {
  const fields = body.length === 0 ? [] : ['content-digest', ...(contentType === undefined ? [] : ['content-type'])];
  return {
    components: ['@method', '@target-uri', 'cale-nonce', ...fields].map((name) => `"${name}"`),
    parameters: [
      `keyid="${device.keyid}"`,
      ...(device.alg === undefined ? [] : [`alg="${device.alg}"`]),
      'tag="cale-request"',
    ],
    label: 'cale',
  };
}

/** @returns the fields of the signature over the request with its fields. */
export async function signatureOf(
  device: Device,
  { method, url }: Pick<Unsigned, 'method' | 'url'>,
  fields: Readonly<Record<string, string>>,
  { components, parameters, label, alg }: SignatureParts,
): Promise<Record<string, string>> {
  const input = `(${components.join(' ')})${parameters.map((parameter) => `;${parameter}`).join('')}`;
  const values: Record<string, string> = { ...fields, '@method': method, '@target-uri': url };
  const lines = components.map((component) => `${component}: ${values[component.replaceAll('"', '')] ?? ''}\n`);
  const signature = await device.sign(`${lines.join('')}"@signature-params": ${input}`, alg);
  return {
    'signature-input': `${label}=${input}`,
    signature: `${label}=:${Buffer.from(signature).toString('base64')}:`,
  };
}

/** @returns all fields of a signed request. */
export async function signedFields(
  device: Device,
  request: Unsigned<AnyBody>,
  change: (parts: SignatureParts) => SignatureParts = (parts) => parts,
): Promise<Record<string, string>> {
  const fields = fieldsOf(request);
  return { ...fields, ...(await signatureOf(device, request, fields, change(partsOf(device, request)))) };
}
