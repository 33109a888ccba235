/** The doors of the system, and what comes to them. */

import fc from 'fast-check';
import { CSRS } from '../csr-suite.ts';
import type { RegisteredDevice } from '../harness.ts';
import { randomNonce, signedFields } from '../raw-signing.ts';
import { alteredBytes, alteredText, fieldValue, jwt, nestedDer } from './arbitraries.ts';

/** A request to the edge. */
export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Requests that a rejected one is compared with, because they do the same where they are good. */
export type Honest = 'read' | 'write' | 'registration' | 'administration';

export interface Door {
  readonly name: string;
  readonly like: Honest;
  readonly inputs: fc.Arbitrary<Sent>;
}

interface Known {
  readonly client: RegisteredDevice;
  /** Origin of the edge. */
  readonly edge: string;
  readonly token: string;
}

const CSR_TYPE = { 'Content-Type': 'application/pkcs10' };
const FIELDS = [
  'CALE-Accept',
  'CALE-Admit',
  'CALE-Envelope',
  'CALE-Identity',
  'CALE-Key',
  'CALE-PEM',
  'CALE-Target-URI',
  'Accept',
  'Authorization',
  'Cipher',
  'Content-Digest',
  'Cookie',
  'Origin',
  'Range',
  'Signature',
  'Signature-Input',
  'X-HTTP-Method',
  'X_Custom',
];

export async function doorsOf({ client, edge, token }: Known): Promise<Door[]> {
  const { device, guid } = client;
  const known = { 'CALE-GUID': guid };
  const signed = async (path: string, method: string, body: Uint8Array<ArrayBuffer> | '', contentType?: string) => ({
    ...known,
    ...(await signedFields(device, { method, url: edge + path, nonce: randomNonce(), body, contentType })),
  });
  const write = await signed('/echo', 'POST', '');
  const renewal = await signed('/registration', 'POST', device.csr, CSR_TYPE['Content-Type']);
  const bearer = { ...CSR_TYPE, Authorization: `Bearer ${token}` };
  const pem = Buffer.from(
    `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(device.csr).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`,
  );
  const csr = fc.oneof(
    alteredBytes(device.csr),
    alteredBytes(Uint8Array.from(pem)),
    fc.uint8Array({ maxLength: 17_000 }),
    fc.constantFrom(nestedDer(16_000), nestedDer(2000), ...CSRS.map(({ body }) => body)),
  ) as fc.Arbitrary<Uint8Array<ArrayBuffer>>;
  const signature = (path: string, method: string, fields: Readonly<Record<string, string>>, body?: Sent['body']) =>
    fc
      .record({
        'signature-input': fc.oneof(alteredText(fields['signature-input'] ?? ''), fieldValue(8000)),
        signature: fc.oneof(fc.constant(fields['signature'] ?? ''), alteredText(fields['signature'] ?? '')),
      })
      .map((other): Sent => ({ path, method, headers: { ...fields, ...other }, ...(body && { body }) }));
  const query = fc.array(fc.tuple(fc.constantFrom('owner', 'device', 'before', 'unusedSince', 'x'), fc.string()), {
    maxLength: 6,
  });
  const cursor = fc.oneof(alteredText('1795614336000.AAAAAAAAAAAAAAAA'), fc.string());
  const path = fc.webPath().map((text) => (text.startsWith('/') ? text : `/${text}`));
  const admin = { Authorization: 'Bearer admin' };

  return [
    {
      name: 'CSRs',
      like: 'registration',
      inputs: csr.map((body) => ({ path: '/registration', method: 'POST', headers: bearer, body })),
    },
    {
      name: 'tokens',
      like: 'registration',
      inputs: jwt(token).map((text) => ({
        path: '/registration',
        method: 'POST',
        headers: { ...CSR_TYPE, Authorization: `Bearer ${text}` },
        body: device.csr,
      })),
    },
    {
      name: 'Basic',
      like: 'registration',
      inputs: fc
        .oneof(
          fieldValue(),
          fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
        )
        .map((text) => ({
          path: '/registration',
          method: 'POST',
          headers: { ...CSR_TYPE, Authorization: `Basic ${text}` },
          body: device.csr,
        })),
    },
    {
      name: 'GUIDs',
      like: 'read',
      inputs: fc
        .oneof(fc.uuid(), alteredText(guid), fieldValue(4000))
        .map((text) => ({ path: '/note', headers: { 'CALE-GUID': text } })),
    },
    {
      name: 'nonces',
      like: 'read',
      inputs: fc
        .oneof(alteredText(randomNonce()), fieldValue(4000))
        .map((text) => ({ path: '/note', headers: { ...known, 'CALE-Nonce': text } })),
    },
    {
      name: 'header fields',
      like: 'read',
      inputs: fc
        .dictionary(fc.constantFrom(...FIELDS), fieldValue(2000))
        .map((fields) => ({ path: '/note', headers: { ...fields, ...known } })),
    },
    {
      name: 'paths and queries',
      like: 'read',
      inputs: fc
        .tuple(path, fc.webQueryParameters())
        .map(([text, search]) => ({ path: `${text}?${search}`, headers: known })),
    },
    { name: 'signatures of writes', like: 'write', inputs: signature('/echo', 'POST', write) },
    {
      name: 'signatures of renewals',
      like: 'registration',
      inputs: signature('/registration', 'POST', { ...renewal, ...CSR_TYPE }, device.csr),
    },
    {
      name: 'signatures of revocations',
      like: 'write',
      inputs: signature('/.well-known/cale/credentials/AAAAAAAAAAAAAAAA', 'DELETE', write),
    },
    {
      name: 'cursors',
      like: 'read',
      inputs: cursor.map((text) => ({
        path: `/.well-known/cale/credentials?cursor=${encodeURIComponent(text)}`,
        headers: known,
      })),
    },
    {
      name: 'sealed requests',
      like: 'write',
      inputs: fc.oneof(alteredBytes(nestedDer(300)), fc.uint8Array({ maxLength: 5000 })).map((bytes) => ({
        path: '/.well-known/cale/sealed',
        method: 'POST',
        headers: { ...known, 'CALE-Nonce': randomNonce(), 'Content-Type': 'application/pkcs7-mime' },
        body: Uint8Array.from(bytes),
      })),
    },
    {
      name: 'administration',
      like: 'administration',
      inputs: fc.oneof(
        query.map((pairs) => ({ path: `/admin/credentials?${new URLSearchParams(pairs)}`, headers: admin })),
        fc.string().map((text) => ({
          path: `/admin/credentials/${encodeURIComponent(text)}`,
          method: 'DELETE',
          headers: admin,
        })),
        fieldValue().map((text) => ({
          path: '/admin/credentials?owner=alice',
          headers: { Authorization: `Bearer ${text}` },
        })),
        path.map((text) => ({ path: `/admin${text}`, method: 'PUT', headers: admin })),
      ),
    },
  ];
}
