/** The commands of a client: each its own function. */

import { readFile } from 'node:fs/promises';
import { open } from '../../shared/cms/open.ts';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { CALE_GUID } from '../../shared/protocol/headers.ts';
import { CMS_TYPE } from '../../shared/protocol/media-types.ts';
import type { AccountKey } from '../account.ts';
import { CaleClient, type CaleRequestInit } from '../client.ts';
import { CaleError } from '../errors.ts';
import { send } from '../exchange/send.ts';
import {
  askSecret,
  type Common,
  edgeOf,
  findAccount,
  loadClient,
  openStore,
  print,
  UsageError,
  write,
  writeBody,
} from './common.ts';
import { withProgress } from './progress.ts';

export interface RegisterOptions extends Common {
  readonly basic?: string;
  readonly bearer?: string;
  readonly key: KeyType;
  readonly subject: string;
  readonly authority?: string;
  readonly owner?: string;
  readonly force?: boolean;
}

export async function register(url: string, options: RegisterOptions): Promise<void> {
  const edge = edgeOf(url);
  const { basic, bearer, account = 'default', key, subject } = options;
  if (basic === undefined && bearer === undefined)
    throw new UsageError('Who are you? --basic USER:PASS or --bearer TOKEN');
  const isTaken = (await openStore().list()).some((each) => each.edge === edge && each.name === account);
  if (isTaken && !options.force) {
    const ways = '--account NAME makes another one, --force puts a new key in its place';
    throw new UsageError(`There is an account ${account} with ${edge} already: ${ways}.`);
  }
  const authorization = basic === undefined ? `Bearer ${bearer}` : await basicOf(basic);
  const client = await CaleClient.register({
    edge,
    account,
    authorization,
    key,
    subject,
    store: openStore(true),
    ...(options.authority !== undefined && { authority: await authorityOf(options.authority) }),
    ...(options.owner !== undefined && { owner: options.owner }),
  });
  print({ edge: client.edge, account, owner: client.owner ?? '', key }, options);
}

/** @param text a SHA-256 fingerprint, or the name of a file with a certificate in PEM. */
async function authorityOf(text: string): Promise<string> {
  if (/^[0-9a-fA-F:]{64,}$/.test(text)) return text;
  return readFile(text, 'utf8').catch(() => {
    throw new UsageError(`${text} is neither a SHA-256 fingerprint nor a file that can be read.`);
  });
}

/** @param user with the password behind a colon, or without: then it is asked for, and in no list of processes. */
async function basicOf(user: string): Promise<string> {
  const credentials = user.includes(':') ? user : `${user}:${await askSecret(`Password of ${user}:`)}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

export interface FetchOptions extends Common {
  readonly request?: string;
  readonly data?: string;
  readonly header?: readonly string[];
  readonly seal?: boolean;
  readonly include?: boolean;
  readonly raw?: boolean;
}

export async function fetchUrl(url: string, options: FetchOptions): Promise<void> {
  const account = await findAccount(edgeOf(url), options.account);
  if (options.raw) {
    // As it came, without Binary HTTP, so that `openssl cms -decrypt` reads the body out of it. It takes no key.
    const request = new Request(url, { headers: { [CALE_GUID]: account.guid, Accept: CMS_TYPE } });
    const response = await send({ fetch: withProgress(fetch) }, request);
    return write(new Uint8Array(await response.arrayBuffer()));
  }
  const client = await loadClient(account, withProgress(fetch));
  const response = await client.fetch(url, await requestOf(options));
  const body = new Uint8Array(await response.arrayBuffer());
  if (options.json) {
    const headers = Object.fromEntries(response.headers);
    console.log(JSON.stringify({ status: response.status, headers, body: new TextDecoder().decode(body) }));
    return undefined;
  }
  if (options.include) {
    const fields = [...response.headers].map(([name, value]) => `${name}: ${value}\n`);
    await write(`${response.status}\n${fields.join('')}\n`);
  }
  return writeBody(body);
}

/** @throws {UsageError} when a header field or a file of `-d @file` is none. */
async function requestOf({ request, data, header = [], seal = false }: FetchOptions): Promise<CaleRequestInit> {
  const headers = new Headers();
  for (const line of header) {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new UsageError('A header field is "Name: value".');
    headers.append(name, value);
  }
  if (data === undefined) return { headers, seal, ...(request !== undefined && { method: request }) };
  // As curl has it.
  if (!headers.has('Content-Type')) headers.set('Content-Type', 'application/x-www-form-urlencoded');
  const body = data.startsWith('@') ? await readFile(data.slice(1)).catch(() => undefined) : data;
  if (body === undefined) throw new UsageError(`${data.slice(1)} is no file that can be read.`);
  return { headers, seal, method: request ?? 'POST', body };
}

export async function whoami(options: Common & { readonly edge?: string; readonly pem?: boolean }): Promise<void> {
  const client = await loadClient(await findAccount(options.edge, options.account));
  const { owner, organization, scopes, device, notBefore, notAfter, pem } = await client.whoami();
  if (options.pem) return write(pem);
  const validity = { notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() };
  if (options.json) console.log(JSON.stringify({ owner, organization, scopes, device, ...validity, pem }));
  else print({ owner, organization, scopes: scopes.join(' '), device, ...validity }, {});
  return undefined;
}

export async function list(options: Common): Promise<void> {
  const accounts = (await openStore().list()).map(({ edge, name, guid, registeredAt }) => ({
    edge,
    account: name,
    guid,
    registeredAt: new Date(registeredAt).toISOString(),
  }));
  if (options.json) console.log(JSON.stringify(accounts));
  else for (const each of accounts) console.log([each.edge, each.account, each.guid, each.registeredAt].join('  '));
}

export async function forget(url: string, options: Common): Promise<void> {
  const { edge, name } = await findAccount(url, options.account);
  await openStore().delete({ edge, name });
  print({ forgotten: edge, account: name }, options);
}

export interface OpenOptions extends Common {
  readonly edge?: string;
  readonly allowUnauthenticated?: boolean;
}

export async function openFile(file: string, options: OpenOptions): Promise<void> {
  const account = await openStore().get(await findAccount(options.edge, options.account));
  if (account === undefined) throw new UsageError('There is no such account.');
  const saved = new Uint8Array(file === '-' ? await readStandardInput() : await readFile(file));
  const content = await openSaved(saved, account.key, options.allowUnauthenticated ?? false);
  if (!options.json) return writeBody(content);
  console.log(JSON.stringify({ body: new TextDecoder().decode(content) }));
  return undefined;
}

/** @param saved DER, or base64 of it. */
async function openSaved(
  saved: Uint8Array<ArrayBuffer>,
  key: AccountKey,
  allowUnauthenticated: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const isDer = saved[0] === 0x30 && (saved[1] ?? 0) >= 0x80;
  try {
    return await open(isDer ? saved : parseBase64(new TextDecoder().decode(saved)), key, { allowUnauthenticated });
  } catch {
    throw new CaleError('unreadable');
  }
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
