/** An authority as the edge calls it, and devices that are registered with it. */

import { exports } from 'cloudflare:workers';
import {
  type AdministeredAuthority,
  type Authority,
  createAdministeredAuthority,
} from '../../workers/authority/app.ts';
import type { Page } from '../../workers/authority/credentials/listing.ts';
import type { AuthorityOptions } from '../../workers/authority/options.ts';
import { Device } from './device.ts';
import { randomNonce, signedFields } from './raw-signing.ts';

export const EDGE = 'https://edge.example.com';
const CIPHER = 'AEAD-AES256-GCM-SHA384';
const CSR_TYPE = 'application/pkcs10';

/** Answers in place of the edge's binding. */
export interface AuthorityParty {
  fetch(request: Request): Response | Promise<Response>;
}

/** Both entrypoints of the Worker of `wrangler.toml`. */
const { default: authority, Administration: administration } = exports as unknown as Record<
  'default' | 'Administration',
  Fetcher
>;

/** Asks the administration for `/admin`, and the authority for all else. */
const partyOf = (parties: Record<keyof AdministeredAuthority, AuthorityParty>): AuthorityParty => ({
  fetch(request) {
    const party = new URL(request.url).pathname.startsWith('/admin/') ? parties.administration : parties.authority;
    return party.fetch(request);
  },
});

/** The authority of `wrangler.toml`, with its administration. */
export const authorityOfTests: AuthorityParty = partyOf({ authority, administration });

/** An authority of its own options, with its administration. */
export function createAdministered(options: AuthorityOptions): AuthorityParty & Pick<Authority, 'scheduled'> {
  const parties = createAdministeredAuthority(options);
  return { ...partyOf(parties), scheduled: () => parties.authority.scheduled() };
}

/** A credential with its key. */
export interface Registered {
  readonly device: Device;
  readonly guid: string;
}

export class AuthorityClient {
  readonly #authority: AuthorityParty;

  constructor(authority: AuthorityParty = authorityOfTests) {
    this.#authority = authority;
  }

  async send(path: string, init: RequestInit = {}): Promise<Response> {
    return this.#authority.fetch(new Request(`https://authority${path}`, init));
  }

  /** Registers a CSR with a proof of identity. */
  post(csr: Uint8Array<ArrayBuffer>, owner: string, scopes = '"read"'): Promise<Response> {
    const headers = {
      'Content-Type': CSR_TYPE,
      Cipher: CIPHER,
      'CALE-Identity': `cn="${owner}", dc="example.com", ou=(${scopes})`,
    };
    return this.send('/registration', { method: 'POST', headers, body: csr });
  }

  async register(owner: string, device?: Device): Promise<Registered> {
    const registering = device ?? (await Device.create('P-256', 'phone'));
    const response = await this.post(registering.csr, owner);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`a registration was answered with ${response.status}: ${text}`);
    return { device: registering, guid: await registering.open(text) };
  }

  /** Renews by a signature of the old key. @param changes of the header fields. */
  async postRenewal(
    { device, guid }: Registered,
    csr: Uint8Array<ArrayBuffer>,
    changes: Record<string, string> = {},
  ): Promise<Response> {
    const url = `${EDGE}/registration`;
    const request = { method: 'POST', url, nonce: randomNonce(), body: csr, contentType: CSR_TYPE };
    const signed = await signedFields(device, request);
    const headers = { 'CALE-GUID': guid, Cipher: CIPHER, 'CALE-Target-URI': url, ...signed, ...changes };
    return this.send('/registration', { method: 'POST', headers, body: csr });
  }

  async renew(old: Registered, device?: Device): Promise<Registered> {
    const renewing = device ?? (await Device.create('P-256', 'phone'));
    const response = await this.postRenewal(old, renewing.csr);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`a renewal was answered with ${response.status}: ${text}`);
    return { device: renewing, guid: await renewing.open(text) };
  }

  /** @returns the status of a validation: 200 for a valid GUID. */
  async validate({ guid }: Pick<Registered, 'guid'>): Promise<number> {
    const response = await this.send('/validate', { headers: { 'CALE-GUID': guid } });
    await response.arrayBuffer();
    return response.status;
  }

  askList(guid: string, query = '', nonce = randomNonce()): Promise<Response> {
    return this.send(`/credentials${query}`, { headers: { 'CALE-GUID': guid, 'CALE-Nonce': nonce, Cipher: CIPHER } });
  }

  async askRevocation(
    { device, guid }: Registered,
    id: string,
    { nonce = randomNonce(), ...changes }: Record<string, string> = {},
  ): Promise<Response> {
    const url = `${EDGE}/.well-known/cale/credentials/${id}`;
    const signed = await signedFields(device, { method: 'DELETE', url, nonce, body: '', contentType: undefined });
    const headers = { 'CALE-GUID': guid, Cipher: CIPHER, 'CALE-Target-URI': url, ...signed, ...changes };
    return this.send(`/credentials/${id}`, { method: 'DELETE', headers });
  }

  async revoke(client: Registered, id: string): Promise<unknown> {
    const response = await this.askRevocation(client, id);
    return JSON.parse(await client.device.open(await response.text()));
  }

  async list({ device, guid }: Registered, query = ''): Promise<ListPage> {
    const response = await this.askList(guid, query);
    return JSON.parse(await device.open(await response.text())) as ListPage;
  }
}

export interface ListPage extends Page {
  readonly nonce: string | null;
}
