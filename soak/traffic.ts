/** The kinds of requests of a soak, each of which says whether its answer was right. */

import { connect } from 'node:net';
import { OpenError } from '../shared/cms/open.ts';
import { Device } from '../test/support/device.ts';
import { ask, BOB, type RegisteredDevice, register } from '../test/support/harness.ts';
import { createRawClient } from '../test/support/raw-client.ts';
import { randomNonce, signedFields } from '../test/support/raw-signing.ts';
import type { ServedSystem } from '../test/support/served-system.ts';

/** An answer by status, where it is not the one of success. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** A request with its answer. @returns what was wrong with it; undefined when it was right. @throws {Refused} */
export type Work = () => Promise<string | undefined>;

type Answer = Awaited<ReturnType<typeof ask>>;

async function textOf(answer: Answer): Promise<string> {
  const text = await answer.text();
  if (answer.status !== 200) throw new Refused(answer.status);
  return text;
}

const expectEqual = (found: unknown, expected: unknown): string | undefined =>
  found === expected ? undefined : `${String(found).slice(0, 80)} in place of ${String(expected).slice(0, 80)}`;

const SIZES = [0, 100, 10_000, 300_000, 2_000_000];

/** Kinds of requests by name, each as often as its weight says. */
export function trafficOf(system: ServedSystem, random: () => number): Readonly<Record<string, [number, Work]>> {
  const clients: RegisteredDevice[] = [];
  const pick = (): RegisteredDevice | undefined => clients[Math.floor(random() * clients.length)];
  const urlOf = (path: string) => system.url.origin + path;

  /** Registers, and keeps no more clients than fit. */
  async function registerOne(): Promise<string | undefined> {
    const device = await Device.create('P-256', 'a device');
    const guid = await device.open(await textOf(await register(system, device.csr, { Authorization: BOB })));
    clients.push({ device, guid });
    if (clients.length > 200) clients.shift();
    return undefined;
  }

  type ClientWork = (client: RegisteredDevice) => Promise<string | undefined>;

  const withClient = (work: ClientWork): Work => {
    return async () => {
      const client = pick();
      if (client === undefined) return registerOne();
      try {
        return await work(client);
      } catch (error) {
        // A revocation or a renewal of it came between.
        if (error instanceof OpenError && !clients.includes(client)) return undefined;
        throw error;
      }
    };
  };

  /** As `withClient`, for work after which the credential is not valid: no request takes it from here on. */
  const withLastUse = (work: ClientWork): Work => {
    return async () => {
      const client = pick();
      if (client === undefined) return registerOne();
      clients.splice(clients.indexOf(client), 1);
      return work(client);
    };
  };

  async function read({ device, guid }: RegisteredDevice): Promise<string | undefined> {
    const size = SIZES[Math.floor(random() * SIZES.length)] ?? 0;
    const text = await device.open(await textOf(await ask(system, `/resource/${size}`, guid)));
    return expectEqual(text.length, size);
  }

  async function write({ device, guid }: RegisteredDevice): Promise<string | undefined> {
    const body = 'y'.repeat(SIZES[Math.floor(random() * SIZES.length)] ?? 0);
    const contentType = body === '' ? undefined : 'text/plain';
    const request = { method: 'POST', url: urlOf('/echo'), nonce: randomNonce(), body, contentType };
    const headers = await signedFields(device, request);
    const answer = await ask(system, '/echo', guid, { method: 'POST', headers, ...(body !== '' && { body }) });
    const echoed = JSON.parse(await device.open(await textOf(answer))) as { body: string };
    return expectEqual(echoed.body, body);
  }

  async function renew(client: RegisteredDevice): Promise<string | undefined> {
    const device = await Device.create('P-256', 'the next key');
    const url = urlOf('/registration');
    const request = { method: 'POST', url, nonce: randomNonce(), body: device.csr, contentType: 'application/pkcs10' };
    const headers = await signedFields(client.device, request);
    const answer = await ask(system, '/registration', client.guid, { method: 'POST', headers, body: device.csr });
    const guid = await device.open(await textOf(answer));
    const text = await device.open(await textOf(await ask(system, '/resource/5', guid)));
    clients.push({ device, guid });
    return expectEqual(text, 'xxxxx');
  }

  async function revoke({ device, guid }: RegisteredDevice): Promise<string | undefined> {
    const headers = { Authorization: `Bearer ${system.adminToken}` };
    await textOf(await system.server.fetch(`/admin/credentials/${guid}`, { method: 'DELETE', headers }));
    const message = await textOf(await ask(system, '/resource/5', guid));
    const opened = await device.open(message).catch(() => undefined);
    return opened === undefined ? undefined : 'a revoked GUID opened an answer';
  }

  async function unknown(): Promise<string | undefined> {
    await textOf(await ask(system, '/note', crypto.randomUUID()));
    return undefined;
  }

  /** Sends a request byte by byte, and gives it up in the middle. */
  async function abort({ guid }: RegisteredDevice): Promise<string | undefined> {
    const head = `POST /.well-known/cale/sealed HTTP/1.1\r\nHost: edge\r\nCALE-GUID: ${guid}\r\nCALE-Nonce: ${randomNonce()}\r\n`;
    const text = `${head}Content-Type: application/pkcs7-mime\r\nContent-Length: 1000000\r\n\r\n${'z'.repeat(5000)}`;
    const socket = connect(Number(system.url.port), '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    for (let at = 0; at < text.length; at += 500) {
      socket.write(text.slice(at, at + 500));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    socket.destroy();
    return undefined;
  }

  const sealed = withClient(async (client) => {
    const body = 'z'.repeat(SIZES[Math.floor(random() * 4)] ?? 0);
    const { status, text } = await createRawClient(system, client).askSealed('/echo', { method: 'POST', body });
    return expectEqual(`${status} ${text.length > body.length}`, '200 true');
  });

  return {
    registration: [2, registerOne],
    read: [10, withClient(read)],
    'signed write': [4, withClient(write)],
    'sealed write': [2, sealed],
    renewal: [1, withLastUse(renew)],
    revocation: [1, withLastUse(revoke)],
    'unknown GUID': [4, unknown],
    'upload that is given up': [1, withClient(abort)],
  };
}
