/** The outside of the demo: clients and an administrator, who expect what the draft promises. */

import type { AccountKey } from '../../client/account.ts';
import { CaleClient } from '../../client/client.ts';
import { generateDeviceKey } from '../../client/device-key.ts';
import type { CaleRequestInit } from '../../client/exchange/fetch.ts';
import { MemoryKeyStore } from '../../client/stores/memory.ts';
import { OpenError, open } from '../../shared/cms/open.ts';
import type { KeyType } from '../../shared/crypto/keys/key-types.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { parseUtf8 } from '../../shared/encoding/bytes.ts';
import { encodePem, parsePem } from '../../shared/encoding/pem.ts';
import { parseSubjectAltName } from '../../shared/protocol/subject-alt-name.ts';
import { parseCertificate } from '../../shared/x509/certificate.ts';
import { SUBJECT_ALT_NAME } from '../../shared/x509/extensions.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import { isSignedBy } from '../../shared/x509/verify.ts';
import type { Stage } from './stage.ts';
import { cannotRead, note, reads, showPassage } from './transcript.ts';

/** A key and the GUID that it was given. */
export interface Registered {
  readonly key: AccountKey;
  readonly guid: string;
}

export class Outside {
  readonly #stage: Pick<Stage, 'url' | 'passages'>;

  constructor(stage: Pick<Stage, 'url' | 'passages'>) {
    this.#stage = stage;
  }

  /** Sends a request, and shows what passes. @returns the answer's body. */
  async #send(
    path: string,
    init: { method?: string; headers: Record<string, string>; body?: string },
  ): Promise<string> {
    const hop = { tap: true, from: 'client', to: 'edge' } as const;
    const line = `${init.method ?? 'GET'} ${path}`;
    showPassage({ ...hop, kind: 'request', line, headers: lowerCase(init.headers), body: init.body ?? '' });
    const response = await fetch(new URL(path, this.#stage.url), init);
    const body = await response.text();
    for (const passage of await this.#stage.passages()) showPassage(passage);
    const headers = Object.fromEntries(response.headers);
    showPassage({ ...hop, kind: 'answer', line: String(response.status), headers, body });
    expect(response.status === 200, `${path} was answered with ${response.status}`);
    return body;
  }

  /** Initiation (draft 4.1). */
  async register(keyType: KeyType, user: string, password: string): Promise<Registered> {
    const { key, csr } = await generateDeviceKey(keyType, `${user}'s phone`, crypto.subtle);
    note('client', `generates a key of ${keyType} and a CSR; the key never leaves it`);
    const answer = await this.#send('/registration', {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${user}:${password}`)}`, 'Content-Type': 'application/pkcs10' },
      body: encodePem('CERTIFICATE REQUEST', csr),
    });
    const guid = await openText(answer, key);
    reads(guid);
    expect(/^[0-9a-f-]{36}$/.test(guid), 'the answer holds no GUID');
    return { key, guid };
  }

  /** Sends a GUID and nothing else. @returns the sealed answer. */
  ask(path: string, guid: string): Promise<string> {
    return this.#send(path, { headers: { 'CALE-GUID': guid } });
  }

  /** A standard request (draft 4.2). @returns the sealed answer. */
  async resource({ key, guid }: Registered, owner: string): Promise<string> {
    const answer = await this.ask('/resource', guid);
    const content = await openText(answer, key);
    reads(content);
    expect((JSON.parse(content) as { owner?: string }).owner === owner, `the answer is not for ${owner}`);
    return answer;
  }

  /** whoami (draft 4.3), and a check of the certificate that it answers with. */
  async whoami({ key, guid }: Registered, owner: string): Promise<void> {
    const document = await fetch(new URL('/.well-known/cale', this.#stage.url));
    await this.#stage.passages();
    const { authorityCertificates } = (await document.json()) as { authorityCertificates: string[] };
    const [anchor] = parseTrustAnchors(authorityCertificates.join(''));

    const pem = await openText(await this.ask('/whoami', guid), key);
    reads(pem);
    const [der] = parsePem('CERTIFICATE', pem);
    expect(der !== undefined, 'the answer holds no certificate');
    const certificate = parseCertificate(der);
    const altName = certificate.extensions.get(SUBJECT_ALT_NAME);
    expect(altName !== undefined, 'the certificate names no resource owner');
    const { owner: name, organization, scopes } = parseSubjectAltName(altName.value);
    note('client', `finds ${name} of ${organization}, who may ${scopes.join(', ')}`);
    expect(name === owner, `the certificate is not for ${owner}`);
    expect(certificate.notAfter < Date.now(), 'the certificate has not expired');
    expect(await isSignedBy(certificate, anchor), 'the authority has not signed the certificate');
    note('client', 'finds that it has expired, and that the authority of /.well-known/cale signed it');
  }

  /** A client of the library, with a registered key. Its messages are shown from then on. */
  async connect(user: string, password: string): Promise<CaleClient> {
    const edge = this.#stage.url.origin;
    let isShown = false;
    const client = await CaleClient.register({
      edge,
      authorization: `Basic ${btoa(`${user}:${password}`)}`,
      store: new MemoryKeyStore(),
      fetch: (input, init) => this.#pass(new Request(input, init), isShown),
    });
    note('client', `registers a key of P-256 with the library, for ${client.owner}`);
    isShown = true;
    return client;
  }

  async #pass(request: Request, isShown: boolean): Promise<Response> {
    const { method, url } = request;
    const hop = { tap: true, from: 'client', to: 'edge' } as const;
    const line = `${method} ${new URL(url).pathname}`;
    const sent = latin1(await request.clone().arrayBuffer());
    const response = await fetch(request);
    const received = latin1(await response.clone().arrayBuffer());
    const between = await this.#stage.passages();
    if (!isShown) return response;
    showPassage({ ...hop, kind: 'request', line, headers: Object.fromEntries(request.headers), body: sent });
    for (const passage of between) showPassage(passage);
    const headers = Object.fromEntries(response.headers);
    showPassage({ ...hop, kind: 'answer', line: String(response.status), headers, body: received });
    return response;
  }

  /** A write (draft 4.2, with its secondary mechanism), or a request that only the origin reads. */
  async exchange(client: CaleClient, path: string, init: CaleRequestInit): Promise<void> {
    const response = await client.fetch(path, init);
    const text = await response.text();
    reads(text);
    expect(response.status === 200, `${path} was answered with ${response.status} inside`);
    expect((JSON.parse(text) as { owner?: string }).owner === client.owner, 'the answer is for another owner');
    note('client', 'finds that the origin signed the answer, for this request');
  }

  /** Revocation (draft 4.4), by an administrator. */
  async revoke(guid: string): Promise<void> {
    const headers = { Authorization: 'Bearer admin' };
    const answer = await this.#send(`/admin/credentials/${guid}`, { method: 'DELETE', headers });
    expect((JSON.parse(answer) as { revoked?: number }).revoked === 1, 'nothing was revoked');
  }
}

/** @param who tried to open the answer. */
export async function expectUnreadable(who: string, key: AccountKey, answer: string): Promise<void> {
  const outcome = await openText(answer, key).catch((error: unknown) => error);
  expect(outcome instanceof OpenError, 'the answer could be read');
  cannotRead(who);
}

/** @param answer base64 of a sealed message. */
const openText = async (answer: string, key: AccountKey): Promise<string> =>
  parseUtf8(await open(parseBase64(answer), key));

function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

const latin1 = (bytes: ArrayBuffer): string => new TextDecoder('latin1').decode(bytes);

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
