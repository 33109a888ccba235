/** Answers to GUIDs that are not valid, beside those of clients: the forms that an observer sees. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseEnvelopedMessage } from '../../shared/cms/enveloped-data.ts';
import { ECDH } from '../../shared/cms/recipients/ecdh.ts';
import { hex } from '../../shared/encoding/bytes.ts';
import { newNonce } from '../../shared/protocol/nonce.ts';
import type { Device } from '../support/device.ts';
import {
  ALICE,
  ask,
  BOB,
  type Harness,
  type RegisteredDevice,
  registeredDevice,
  startHarness,
} from '../support/harness.ts';

let harness: Harness;
let alice: { device: Device; guid: string };
let bob: { device: Device; guid: string };
beforeAll(async () => {
  harness = await startHarness();
  [alice, bob] = [await registeredDevice(harness, 'P-256', ALICE), await registeredDevice(harness, 'P-256', BOB)];
});
afterAll(() => harness.server.close());

const [P256 = expect.unreachable()] = ECDH;

type Fields = Record<string, string>;
const DER = { Accept: 'application/pkcs7-mime' };
const whole = (): Fields => ({ ...DER, 'CALE-Accept': 'message/bhttp', 'CALE-Nonce': newNonce(Date.now()) });

async function messageOf(path: string, guid: string, headers: Fields): Promise<Uint8Array<ArrayBuffer>> {
  const response = await ask(harness, path, guid, { headers });
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

/** Bytes of the ciphertext: all other lengths are those of the recipient's key. */
const lengthOf = (message: Uint8Array<ArrayBuffer>): number =>
  parseEnvelopedMessage(message).encrypted.ciphertext.length;
const askLength = async (path: string, guid: string, headers: Fields = DER): Promise<number> =>
  lengthOf(await messageOf(path, guid, headers));

const identifierOf = (message: Uint8Array<ArrayBuffer>): string => {
  const [info = expect.unreachable()] = parseEnvelopedMessage(message).recipientInfos;
  return hex(P256.parse(info).keyIdentifier ?? expect.unreachable());
};

describe.each([
  ['plain', () => DER],
  ['whole and signed', whole],
])('%s: a decoy has a length of answers', (_, headers) => {
  test.each(['/resource', '/balance', '/scoped', '/nowhere'])(
    'on %s, before anyone has asked and after',
    async (path) => {
      const before = await Promise.all(
        Array.from({ length: 8 }, () => askLength(path, crypto.randomUUID(), headers())),
      );
      const real = [await askLength(path, alice.guid, headers()), await askLength(path, bob.guid, headers())];
      const after = await Promise.all(Array.from({ length: 8 }, () => askLength(path, crypto.randomUUID(), headers())));
      for (const length of [...before, ...after]) expect(real).toContain(length);
    },
  );
});

test('on a route whose answers have many lengths a decoy has one of them, fresh each time', async () => {
  const others: RegisteredDevice[] = [];
  while (others.length < 6) others.push(await registeredDevice(harness));
  for (let times = 0; times < 2; times++)
    for (const { guid } of [alice, bob, ...others]) await askLength('/note', guid);
  const guid = crypto.randomUUID();
  const lengths = new Set<number>();
  for (let times = 0; times < 12; times++) lengths.add(await askLength('/note', guid));
  expect(lengths.size).toBeGreaterThan(1);
});

test('on whoami a decoy has a length of certificates, sealed and in PEM', async () => {
  const real = await askLength('/whoami', alice.guid);
  // Names and scopes have other lengths, and so have a serial number and a signature that begin with a zero.
  for (let times = 0; times < 8; times++) {
    expect(Math.abs((await askLength('/whoami', crypto.randomUUID())) - real)).toBeLessThan(80);
  }
});

test('a GUID that is not known has the same recipient each time, and on all paths', async () => {
  const guid = crypto.randomUUID();
  const identifiers = new Set<string>();
  for (const path of ['/resource', '/resource', '/nowhere', '/whoami']) {
    identifiers.add(identifierOf(await messageOf(path, guid, DER)));
  }
  expect(identifiers.size).toBe(1);
  expect(identifiers).not.toContain(identifierOf(await messageOf('/resource', crypto.randomUUID(), DER)));
});

test('a GUID that is revoked keeps its recipient and its lengths, and no key opens what it gets', async () => {
  const { device, guid } = await registeredDevice(harness);
  const paths = ['/resource', '/nowhere', '/whoami'];
  const before = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of paths) before.set(path, await messageOf(path, guid, DER));
  const headers = { Authorization: `Bearer ${harness.secrets.edge['ADMIN_TOKEN']}` };
  await harness.server.fetch(`/admin/credentials/${guid}`, { method: 'DELETE', headers });
  for (const [path, message] of before) {
    await device.openBytes(message);
    const after = await messageOf(path, guid, DER);
    expect(identifierOf(after)).toBe(identifierOf(message));
    if (path === '/nowhere') expect(lengthOf(after)).toBe(lengthOf(message));
    await expect(device.openBytes(after)).rejects.toThrow();
  }
});

test('the operator is told the reason, and no GUID', async () => {
  const guid = crypto.randomUUID();
  await ask(harness, '/resource', guid);
  await ask(harness, '/whoami', guid);
  const lines = harness.server.getLogs().map(({ message }) => message);
  const reasons = lines.filter((line) => line.includes('"outcome":"decoy"')).map((line) => JSON.parse(line).reason);
  expect(reasons).toContain('unknown');
  expect(reasons).toContain('revoked');
  expect(lines.join('\n')).not.toContain(guid);
});
