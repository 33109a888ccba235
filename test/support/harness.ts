/** All Workers in one workerd, as a test sees them from outside. */

import '../../scripts/local-runs.ts';
import { Response } from 'miniflare';
import { createTestHarness } from 'wrangler';
import { createDevelopmentSecrets, type Secrets } from '../../scripts/development-secrets.ts';
import { ROOT, WORKERS } from '../../scripts/workers.ts';
import { bundleOf } from './bundles.ts';
import { Device, type DeviceKeyType } from './device.ts';
import { Unprintable } from './printed.ts';

export type Harness = Awaited<ReturnType<typeof startHarness>>;

/** An edge that answers, of a harness or of another kind. */
export interface Edge {
  readonly url: URL;
  readonly server: Pick<Harness['server'], 'fetch'>;
}

interface HarnessOptions {
  /** Variables by Worker. */
  readonly vars?: Partial<Record<keyof Secrets, Record<string, string>>>;
  readonly secrets?: Partial<Record<keyof Secrets, Record<string, string>>>;
  /** Configuration of the edge in place of its own, relative to the top. */
  readonly edgeConfig?: string;
  /** Service bindings of the edge, to Workers of the harness by name. */
  readonly edgeBindings?: Record<string, string>;
  /** As those of the edge, of the origin. */
  readonly originBindings?: Record<string, string>;
  /** Further Workers of the harness. */
  readonly more?: MoreWorker[];
}

/** A configuration of wrangler. */
export interface MoreWorker {
  readonly name: string;
  readonly main: string;
  readonly compatibility_date: string;
  readonly compatibility_flags?: string[];
  readonly vars?: Record<string, string | object[]>;
  readonly services?: { readonly binding: string; readonly service: string; readonly entrypoint?: string }[];
  readonly durable_objects?: { readonly bindings: { readonly name: string; readonly class_name: string }[] };
  readonly kv_namespaces?: { readonly binding: string; readonly id: string }[];
  readonly migrations?: { readonly tag: string; readonly new_sqlite_classes: string[] }[];
}

/** Tests register many devices of few owners. */
const VARS: Partial<Record<keyof Secrets, Record<string, string>>> = { authority: { CREDENTIALS_PER_OWNER: '1000' } };

/**
 * Starts all Workers. What they print is looked at when the log is cleared and when the harness is closed.
 * @throws {Error} then, when a line has a GUID, an owner, a secret or what a client sent.
 */
export async function startHarness({
  vars = {},
  secrets = {},
  edgeConfig,
  edgeBindings,
  originBindings,
  more = [],
}: HarnessOptions = {}) {
  const developmentSecrets = await createDevelopmentSecrets();
  const all = Object.fromEntries(
    WORKERS.map(({ name }) => [name, { ...developmentSecrets[name], ...secrets[name] }]),
  ) as Secrets;
  const server = createTestHarness({
    root: ROOT,
    workers: [
      ...WORKERS.map(({ name, config }) => {
        const bundle = bundleOf(name === 'edge' && vars.edge?.['DEMO'] === 'on' ? 'tour' : name);
        return {
          configPath: name === 'edge' && edgeConfig !== undefined ? edgeConfig : config,
          ...(bundle !== undefined && { prebuiltWorkerDir: bundle }),
          vars: { ...VARS[name], ...vars[name] },
          secrets: all[name],
          ...(name === 'edge' && edgeBindings && { bindingOverrides: edgeBindings }),
          ...(name === 'origin' && originBindings && { bindingOverrides: originBindings }),
        };
      }),
      ...more.map((config) => ({ config })),
    ],
  });
  const { url } = await server.listen();
  const unprintable = new Unprintable(all);
  const assertDiscreet = (): void => {
    const faults = unprintable.faultsOf(server.getLogs().map(({ message }) => message));
    if (faults.length > 0) throw new Error(`the Workers printed what leads to a client:\n${faults.join('\n')}`);
  };
  const watched: typeof server = {
    ...server,
    async fetch(...request) {
      unprintable.note((request[1] ?? {}) as RequestInit);
      return whole(await server.fetch(...request));
    },
    clearLogs() {
      assertDiscreet();
      server.clearLogs();
    },
    async close() {
      try {
        assertDiscreet();
      } finally {
        await server.close();
      }
    },
  };
  return { server: watched, url, secrets: all };
}

/**
 * The same response, its body read. The harness gives a response around that of undici, and undici cancels the body
 * of its own once that is collected as garbage: a body that waits for its reader would be gone.
 */
async function whole(response: Response): Promise<Response> {
  const body = await response.arrayBuffer();
  return new Response(response.body && body, response);
}

export const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;
export const ALICE = basic('alice', 'wonderland');
export const BOB = basic('bob', 'builder');

/** Each request from a network of its own, so that no test uses up the limits of another. */
const anyAddress = () => ({ 'CF-Connecting-IP': `2001:${crypto.randomUUID().slice(9, 18).replace('-', ':')}::1` });

/** Registers a CSR as the answer to which only its key can open. */
export function register(
  { server }: Edge,
  csr: Uint8Array<ArrayBuffer> | string,
  headers: Record<string, string> = {},
  tlsCipher = 'AEAD-AES256-GCM-SHA384',
) {
  return server.fetch('/registration', {
    method: 'POST',
    headers: { 'Content-Type': 'application/pkcs10', Authorization: ALICE, ...anyAddress(), ...headers },
    body: csr,
    cf: { tlsCipher },
  });
}

/** Asks with a GUID. */
export function ask(
  { server }: Edge,
  path: string,
  guid: string,
  { tlsCipher = 'AEAD-AES256-GCM-SHA384', ...init }: RequestInit & { tlsCipher?: string } = {},
) {
  const headers = { 'CALE-GUID': guid, ...anyAddress(), ...(init.headers as Record<string, string> | undefined) };
  return server.fetch(path, { ...init, headers, cf: { tlsCipher } } as never);
}

/** A device that has been registered, and its GUID. */
export interface RegisteredDevice {
  readonly device: Device;
  readonly guid: string;
}

/** Registers a new device. At most five of one owner at the same time: no more passwords for one name wait. */
export async function registeredDevice(
  edge: Edge,
  keyType: DeviceKeyType = 'P-256',
  authorization = ALICE,
): Promise<RegisteredDevice> {
  const device = await Device.create(keyType, 'test device');
  const response = await register(edge, device.csr, { Authorization: authorization });
  return { device, guid: await device.open(await response.text()) };
}
