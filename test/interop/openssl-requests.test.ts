/** Requests that openssl signs and seals, through all Workers; and answers that the origin signed, as openssl judges them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeEcdsaSignature } from '../../shared/crypto/signatures/ecdsa.ts';
import { parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import {
  createClient,
  createRequest,
  decrypt,
  fileOf,
  OPENSSL_KEY_TYPES,
  type OpensslClient,
  type OpensslKeyType,
  openssl,
  tryOpenssl,
} from '../support/openssl.ts';

let harness: Harness;
let edge: string;
let document: { originCertificates: string[]; originEncryptionCertificate: string };
beforeAll(async () => {
  harness = await startHarness({ vars: { edge: { TLS_CIPHER: 'AEAD-AES256-GCM-SHA384' } } });
  edge = new URL(harness.url).origin;
  document = (await (await fetch(`${edge}/.well-known/cale`)).json()) as typeof document;
});
afterAll(() => harness.server.close());

const DER = { Accept: 'application/pkcs7-mime' };
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

interface Registered extends OpensslClient {
  readonly keyType: OpensslKeyType;
  readonly guid: string;
  readonly keyid: string;
}

async function register(keyType: OpensslKeyType): Promise<Registered> {
  const client = await createClient(keyType);
  const response = await fetch(`${edge}/registration`, {
    method: 'POST',
    headers: { ...DER, Authorization: `Basic ${btoa('alice:wonderland')}`, 'Content-Type': 'application/pkcs10' },
    body: String(await createRequest(client, '/CN=phone', 'PEM')),
  });
  const guid = await decrypt(client, await bytesOf(response), 'DER');
  const arguments_ = ['x509', '-in', client.certificate, '-noout', '-ext', 'subjectKeyIdentifier'];
  const digits = /^ *((?:[0-9A-F]{2}:?)+)$/m.exec(String(await openssl(arguments_)))?.[1] ?? '';
  return { ...client, keyType, guid, keyid: Buffer.from(digits.replaceAll(':', ''), 'hex').toString('base64url') };
}

const newNonce = (): string =>
  `${Math.floor(Date.now() / 1000)}.${Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64url')}`;

/** Names of RFC 9421 6.2.2; undefined for P-521, which has none. */
type Algorithm = 'rsa-v1_5-sha256' | 'rsa-pss-sha512' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384' | undefined;

const PSS = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:64'];
const DIGESTS: Record<OpensslKeyType, readonly [alg: Algorithm, args: readonly string[]]> = {
  'RSA-2048': ['rsa-v1_5-sha256', ['-sha256']],
  'RSA-3072': ['rsa-v1_5-sha256', ['-sha256']],
  'P-256': ['ecdsa-p256-sha256', ['-sha256']],
  'P-384': ['ecdsa-p384-sha384', ['-sha384']],
  'P-521': [undefined, ['-sha512']],
};
/** Hexadecimal digits of r and of s (RFC 9421 3.3.4, 3.3.5). */
const DIGITS: Partial<Record<OpensslKeyType, number>> = { 'P-256': 64, 'P-384': 96, 'P-521': 132 };

/** @returns base64. */
async function sign({ key, keyType }: Registered, base: string, isPss = false): Promise<string> {
  const options = isPss ? ['-sha512', ...PSS] : DIGESTS[keyType][1];
  const signature = await openssl(['dgst', ...options, '-sign', key], base);
  const digits = DIGITS[keyType];
  if (digits === undefined) return signature.toString('base64');
  const numbers = String(await openssl(['asn1parse', '-inform', 'DER'], signature)).matchAll(/INTEGER +:([0-9A-F]+)/g);
  const raw = [...numbers].map(([, number = '']) => number.padStart(digits, '0')).join('');
  return Buffer.from(raw, 'hex').toString('base64');
}

const TYPE = 'application/json';
const BODY = '{"to":"bob"}';

/** The fields of a signed POST. */
async function signedFields(
  client: Registered,
  {
    alg,
    body = BODY,
    nonce = newNonce(),
    path = '/echo',
  }: { alg?: Algorithm; body?: string; nonce?: string; path?: string } = {},
): Promise<Record<string, string>> {
  const digest = `sha-256=:${(await openssl(['dgst', '-sha256', '-binary'], body)).toString('base64')}:`;
  const components = '("@method" "@target-uri" "cale-nonce" "content-digest" "content-type")';
  const algorithm = alg === undefined ? '' : `;alg="${alg}"`;
  const parameters = `${components};keyid="${client.keyid}"${algorithm};tag="cale-request"`;
  const base = [
    '"@method": POST',
    `"@target-uri": ${edge}${path}`,
    `"cale-nonce": ${nonce}`,
    `"content-digest": ${digest}`,
    `"content-type": ${TYPE}`,
    `"@signature-params": ${parameters}`,
  ].join('\n');
  return {
    'cale-nonce': nonce,
    'content-type': TYPE,
    'content-digest': digest,
    'signature-input': `cale=${parameters}`,
    signature: `cale=:${await sign(client, base, alg === 'rsa-pss-sha512')}:`,
  };
}

const post = ({ guid }: Registered, fields: Record<string, string>, body: string | Buffer = BODY, path = '/echo') =>
  fetch(edge + path, { method: 'POST', headers: { ...DER, 'CALE-GUID': guid, ...fields }, body });

const contentOf = async (client: Registered, response: Response): Promise<string> =>
  decrypt(client, await bytesOf(response), 'DER');

const ECHO = { owner: 'alice', method: 'POST', body: BODY };

describe.each(OPENSSL_KEY_TYPES)('openssl with %s', (keyType) => {
  let client: Registered;
  beforeAll(async () => {
    client = await register(keyType);
  });

  const [named] = DIGESTS[keyType];
  const algorithms: Algorithm[] = [undefined, ...(named === undefined ? [] : [named])];
  if (keyType.startsWith('RSA')) algorithms.push('rsa-pss-sha512');

  test.each(algorithms.map((alg) => [alg]))('signs a write, with alg %s, which is done once', async (alg) => {
    const fields = await signedFields(client, { alg });
    const first = await post(client, fields);
    expect(JSON.parse(await contentOf(client, first))).toEqual(ECHO);
    // The same again is answered as an unknown GUID is: nothing but the key tells.
    const second = await post(client, fields);
    expect(second.status).toBe(200);
    const names = (response: Response) => [...response.headers.keys()];
    expect(names(second)).toEqual(names(first));
    expect(second.headers.get('Content-Type')).toBe(first.headers.get('Content-Type'));
    await expect(contentOf(client, second)).rejects.toThrow('Error decrypting CMS');
    expect(JSON.parse(await contentOf(client, await post(client, await signedFields(client, { alg }))))).toEqual(ECHO);
  });

  test('is told when what arrives is not what it signed', async () => {
    const other = await post(client, await signedFields(client), '{"to":"eve"}');
    expect(JSON.parse(await contentOf(client, other))).toMatchObject({ type: 'urn:cale:problem:proof-not-valid' });
    const elsewhere = await post(client, await signedFields(client, { path: '/other' }));
    expect(JSON.parse(await contentOf(client, elsewhere))).toMatchObject({ type: 'urn:cale:problem:proof-not-valid' });
  });

  test('seals a request, and opens the answer', async () => {
    const nonce = newNonce();
    const sealed = await seal(encodeRequest('GET', '/resource', { 'cale-nonce': nonce, 'cale-key': client.keyid }));
    const response = await post(client, { 'cale-nonce': nonce, 'content-type': CMS }, sealed, SEALED);
    expect(JSON.parse(await contentOf(client, response))).toMatchObject({ owner: 'alice', aggregate: { foo: 'bar' } });
  });

  test('signs and seals a write, which is done once', async () => {
    const nonce = newNonce();
    const fields = { ...(await signedFields(client, { nonce })), 'cale-key': client.keyid };
    const sealed = await seal(encodeRequest('POST', '/echo', fields, BODY));
    const outer = { 'cale-nonce': nonce, 'content-type': CMS };
    expect(JSON.parse(await contentOf(client, await post(client, outer, sealed, SEALED)))).toEqual(ECHO);
    const again = await post(client, outer, sealed, SEALED);
    await expect(contentOf(client, again)).rejects.toThrow('Error decrypting CMS');
  });

  test('finds the answer signed by the key that the edge publishes', async () => {
    const nonce = newNonce();
    const response = await fetch(`${edge}/resource?a=1`, {
      headers: { ...DER, 'CALE-GUID': client.guid, 'CALE-Nonce': nonce, 'CALE-Accept': 'message/bhttp' },
    });
    const message = await openssl(
      ['cms', '-decrypt', '-binary', '-inform', 'DER', '-inkey', client.key],
      await bytesOf(response),
    );
    const { status, headers, content } = parseResponse(Uint8Array.from(message));
    const field = (name: string) => headers.find(([each]) => each === name)?.[1] ?? expect.unreachable(name);
    const digest = (await openssl(['dgst', '-sha256', '-binary'], content)).toString('base64');
    expect(field('content-digest')).toBe(`sha-256=:${digest}:`);

    const input = field('signature-input').replace('cale=', '');
    const [list = ''] = /\(.*\)/.exec(input) ?? [];
    const values: Record<string, string> = {
      '"@status"': String(status),
      '"@method";req': 'GET',
      '"@target-uri";req': `${edge}/resource?a=1`,
      '"cale-nonce";req': nonce,
      '"cale-key";req': client.keyid,
    };
    const lines = list
      .slice(1, -1)
      .split(' ')
      .map((identifier) => `${identifier}: ${values[identifier] ?? field(identifier.slice(1, -1))}`);
    expect(lines.map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(Object.keys(values)));
    const base = [...lines, `"@signature-params": ${input}`].join('\n');

    const [certificate = expect.unreachable()] = document.originCertificates;
    const key = fileOf(await openssl(['x509', '-noout', '-pubkey'], certificate));
    const signature = Buffer.from(field('signature').replace(/^cale=:|:$/g, ''), 'base64');
    const verify = ['dgst', '-sha256', '-verify', key, '-signature', fileOf(encodeEcdsaSignature(signature))];
    expect(String((await tryOpenssl(verify, base)).stdout)).toBe('Verified OK\n');
    const altered = base.replace(nonce, newNonce());
    expect((await tryOpenssl(verify, altered)).ok).toBe(false);
  });
});

const SEALED = '/.well-known/cale/sealed';
const CMS = 'application/pkcs7-mime';

/** A number of RFC 9000 16. */
function encodeNumber(value: number): Buffer {
  if (value < 64) return Buffer.of(value);
  const bytes = Buffer.alloc(value < 16384 ? 2 : 4);
  if (value < 16384) bytes.writeUInt16BE(0x4000 + value);
  else bytes.writeUInt32BE(0x80000000 + value);
  return bytes;
}
const counted = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([encodeNumber(bytes.length), bytes]);
};

/** A known-length request of Binary HTTP (RFC 9292 3.1), put together here. */
function encodeRequest(method: string, path: string, fields: Record<string, string>, body = ''): Buffer {
  const { host, protocol } = new URL(edge);
  const control = [method, protocol.slice(0, -1), host, path].map(counted);
  const section = Buffer.concat(Object.entries(fields).flat().map(counted));
  return Buffer.concat([Buffer.of(0), ...control, counted(section), counted(body), Buffer.of(0)]);
}

/** Seals by openssl to the origin's key; the options are what it has to be told. */
const seal = (request: Buffer, options = ['-aes-256-gcm', '-keyid'], keyOptions = ['ecdh_kdf_md:sha256']) =>
  openssl([
    ...['cms', '-encrypt', '-binary', '-outform', 'DER', '-in', fileOf(request), ...options],
    ...['-recip', fileOf(document.originEncryptionCertificate), ...keyOptions.flatMap((each) => ['-keyopt', each])],
  ]);

describe('a request that openssl seals', () => {
  let client: Registered;
  beforeAll(async () => {
    client = await register('P-256');
  });

  async function problemOf(...how: Parameters<typeof seal> extends [Buffer, ...infer Rest] ? Rest : never) {
    const nonce = newNonce();
    const request = encodeRequest('GET', '/scoped', { 'cale-nonce': nonce, 'cale-key': client.keyid });
    const response = await post(
      client,
      { 'cale-nonce': nonce, 'content-type': CMS },
      await seal(request, ...how),
      SEALED,
    );
    return (JSON.parse(await contentOf(client, response)) as { type?: string }).type;
  }

  test.each([
    ['AES-256-GCM', '-aes-256-gcm'],
    ['AES-128-GCM', '-aes-128-gcm'],
  ])('is opened with %s', async (_, cipher) => {
    expect(await problemOf([cipher, '-keyid'])).toBeUndefined();
  });

  const REFUSED = 'urn:cale:problem:sealed-request-not-valid';

  test('is refused with AES-CBC, which could have been altered on the way', async () => {
    expect(await problemOf(['-aes-256-cbc', '-keyid'])).toBe(REFUSED);
  });

  test('is refused with the KDF that is its default, on SHA-1', async () => {
    expect(await problemOf(undefined, [])).toBe(REFUSED);
  });

  test('is refused with cofactor ECDH, which RFC 5753 has as another scheme', async () => {
    expect(await problemOf(undefined, ['ecdh_kdf_md:sha256', 'ecdh_cofactor_mode:1'])).toBe(REFUSED);
  });

  test('is refused when the recipient is named by issuer and serial number', async () => {
    expect(await problemOf(['-aes-256-gcm'])).toBe(REFUSED);
  });
});
