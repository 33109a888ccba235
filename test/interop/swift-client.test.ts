/** The client in `examples/swift`, on Linux with stand-ins for CryptoKit and Security.framework, against all Workers. */

import { createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createAuthority } from '../../scripts/certificates.ts';
import { encodeBase64 } from '../../shared/encoding/base64.ts';
import { type Deceit, startEdgeBetween } from '../support/edge-between.ts';
import { NEWER_SYSTEM, Place } from '../support/foreign/place.ts';
import { hasSwift, KEYCHAIN, SwiftClient } from '../support/foreign/swift.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { derOf } from '../support/vectors/bytes.ts';
import { readVectors } from '../support/vectors/files.ts';
import type { Vectors } from '../support/vectors/schema.ts';

const UNREADABLE =
  'The answer cannot be opened: the credential was revoked or is not known, or the answer was altered.';
const NOT_SIGNED = 'The answer is not signed by an origin of the authority, for this request and this key.';
const NOT_CERTIFIED = 'The certificate of whoami is not one of the authority, for this key and this request.';
const ALICE = 'alice:wonderland';

/**
 * Vectors that it takes in another way than a strict client: it opens the key of the first recipient, and looks at no
 * more of a message than opening takes. In none of them was content, nonce or tag altered.
 */
const AS_ITS_PAGE_SAYS = [
  'P-256 AES-256-GCM: recipient unknown',
  'P-256 AES-256-GCM: other media type',
  'cofactor ECDH',
  'by issuer and serial',
  'two recipients',
  'most recipients',
  'another content type',
  'another version',
  'unauthenticated attributes',
  'another version of key agreement',
  'two keys of one agreement',
  'no length of the tag',
];

/** A folder with an empty keychain. */
function device(): Place {
  const place = new Place(NEWER_SYSTEM);
  onTestFinished(() => place.remove());
  return place;
}

/** The GUID of the account in a keychain. */
function guidIn(place: Place): string {
  const items = JSON.parse(String(place.read(KEYCHAIN))) as { acct?: string; v_Data: string }[];
  const { v_Data: account } = items.find(({ acct }) => acct !== undefined) ?? expect.unreachable('no account');
  return JSON.parse(String(Buffer.from(account, 'base64'))).guid;
}

describe.skipIf(!hasSwift)('the client in Swift', () => {
  const client = new SwiftClient();
  let harness: Harness;
  let edge: string;
  beforeAll(async () => {
    await client.compile();
    harness = await startHarness();
    edge = new URL(harness.url).origin;
  });
  afterAll(async () => {
    client.remove();
    await harness?.server.close();
  });

  test('registers, reads and writes, until it is revoked', async () => {
    const place = device();
    const tasks = [`edge ${edge}`, 'ask /resource', 'write /echo hello'];
    const answers = [
      'ready',
      '200 {"owner":"alice","organization":"example.com","scopes":["read","write"],"aggregate":{"foo":"bar"}}',
      '200 {"owner":"alice","method":"POST","body":"hello"}',
    ];
    expect(await client.perform(place, tasks, ALICE)).toEqual(answers);
    // The account is in the keychain: it is not asked whose it is once more.
    const [, names = ''] = await client.perform(place, [`edge ${edge}`, 'whoami']);
    expect(String(Buffer.from(names, 'base64'))).toContain('alice');
    expect(await client.perform(place, tasks)).toEqual(answers);

    const headers = { Authorization: 'Bearer admin' };
    const options = { method: 'DELETE', headers };
    const revoked = await harness.server.fetch(`/admin/credentials/${guidIn(place)}`, options);
    expect(await revoked.json()).toEqual({ revoked: 1 });
    await expect(client.perform(place, tasks)).rejects.toThrow(new Error(UNREADABLE));
  });

  test('believes no authority but the one that its edge named', async () => {
    const place = device();
    const { certificate } = await createAuthority('another authority');
    const document = (of: object) => ({ ...of, authorityCertificates: [certificate] });
    const between = await startEdgeBetween(harness, { document });
    await expect(client.perform(place, [`edge ${between}`], ALICE)).rejects.toThrow(new Error(NOT_CERTIFIED));
    expect(String(place.read(KEYCHAIN))).not.toContain('acct');
  });

  test('believes only what an origin signed for its request', async () => {
    const place = device();
    let deceit: Deceit = {};
    const between = await startEdgeBetween(harness, {
      path: (path) => deceit.path?.(path) ?? path,
      fields: (fields) => deceit.fields?.(fields) ?? fields,
    });
    const tasks = [`edge ${between}`, 'ask /resource'];
    expect(await client.perform(place, tasks, ALICE)).toHaveLength(tasks.length);
    const deceits: Deceit[] = [
      { path: (path) => path.replace('/resource', '/note') },
      // Without a nonce it has no signature.
      { fields: ({ 'cale-nonce': _, ...others }) => others },
    ];
    for (deceit of deceits) await expect(client.perform(place, tasks)).rejects.toThrow(new Error(NOT_SIGNED));
  });

  test('follows no redirect', async () => {
    const place = device();
    const asked: (string | undefined)[] = [];
    const redirecting = createServer(({ url }, response) => {
      asked.push(url);
      response.writeHead(302, { location: '/elsewhere' }).end('moved');
    });
    await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void redirecting.close());
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
    await expect(client.perform(place, [`edge ${url}`], ALICE)).rejects.toThrow(
      new Error(`${url}/.well-known/cale answered 302:`),
    );
    expect(asked).toEqual(['/.well-known/cale']);
    expect(existsSync(join(place.folder, KEYCHAIN))).toBe(false);
  });

  test('opens the test vectors of P-256 with AES-GCM that are valid, and none that was altered', async () => {
    const vectors = readVectors() as Vectors;
    const keys = new Map(vectors.keys.tests.filter(({ keyType }) => keyType === 'P-256').map((key) => [key.id, key]));
    const isBase64 = (text: string) => /^[\w+/=\s]*$/.test(text);
    const answers = vectors['sealed-answers'].tests.filter(({ key, body }) => keys.has(key) && isBase64(body));
    const tasks = answers.map((each) => {
      const { privateKey } = keys.get(each.key) ?? expect.unreachable();
      const { x, y, d } = createPrivateKey(privateKey).export({ format: 'jwk' });
      const numbers = [x, y, d].map((number = '') => Buffer.from(number, 'base64url'));
      return `open ${encodeBase64(Buffer.concat([Buffer.of(4), ...numbers]))} ${encodeBase64(derOf(each))}`;
    });
    const opened = await client.perform(device(), tasks);
    const others = answers.filter(({ valid, cipher, content }, at) => {
      const expected = valid && cipher.endsWith('GCM') ? content : '!';
      return opened[at] !== expected;
    });
    expect(others.map(({ id }) => id)).toEqual(AS_ITS_PAGE_SAYS);
  });
});
