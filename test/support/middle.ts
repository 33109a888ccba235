/** A party between a client and its edge, as the client's own `fetch`: it reads every message, and hands on what it likes. */

import type { Account } from '../../client/account.ts';
import { CaleClient, CaleError, type KeyType, MemoryKeyStore, type RegisterOptions } from '../../client/index.ts';
import type { ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import { contentEncryptionOf } from '../../shared/cms/content-encryption.ts';
import { open } from '../../shared/cms/open.ts';
import type { Recipient } from '../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { type BinaryResponse, encodeResponse, parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { concat } from '../../shared/encoding/bytes.ts';
import { parseCsr } from '../../shared/x509/csr.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** An answer to a request of the client. @param forward sends a request to the edge; by default the client's own. */
export type Tamper = (request: Request, forward: (request?: Request) => Promise<Response>) => Promise<Response>;

export interface Middle {
  /** To be the client's. */
  readonly fetch: typeof fetch;
  /** The client's requests, in their order. */
  readonly requests: Request[];
  /** Answers as the function does, from now on. Undefined hands everything on again. */
  tamper(how: Tamper | undefined): void;
}

export function createMiddle(how?: Tamper): Middle {
  const requests: Request[] = [];
  let tamper = how;
  const send = (request: Request) => fetch(request, { redirect: 'manual' });
  return {
    requests,
    fetch: (async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(input, init);
      requests.push(request.clone());
      return tamper === undefined ? send(request) : tamper(request, (other) => send(other ?? request));
    }) as typeof fetch,
    tamper(how) {
      tamper = how;
    },
  };
}

/** Tampers only with requests for these paths. */
export const byPath =
  (tampers: Readonly<Record<string, Tamper>>): Tamper =>
  (request, forward) =>
    tampers[new URL(request.url).pathname]?.(request, forward) ?? forward();

export type Document = Record<string, unknown>;

/** An edge that says something else of itself. */
export const withDocument = (change: (document: Document) => Document): Record<string, Tamper> => ({
  '/.well-known/cale': async (_, forward) => Response.json(change((await (await forward()).json()) as Document)),
});

/** A client that was registered through the party in the middle, and all that a test has to know of it. */
export interface Victim {
  readonly client: CaleClient;
  readonly middle: Middle;
  readonly account: Account;
  readonly store: MemoryKeyStore;
  /** The public key, which the party in the middle knows from the CSR. */
  readonly recipient: Recipient;
  /** The answer to a request, as the client reads it. */
  open(response: Response): Promise<BinaryResponse>;
}

export async function createVictim(
  options: RegisterOptions,
  key: KeyType = 'P-256',
  middle: Middle = createMiddle(),
): Promise<Victim> {
  const store = new MemoryKeyStore();
  const client = await CaleClient.register({ ...options, key, store, fetch: middle.fetch });
  const account = await store.get({ edge: client.edge, name: 'default' });
  if (account === undefined) throw new Error('no account');
  return {
    client,
    middle,
    account,
    store,
    recipient: await recipientOf(middle.requests),
    async open(response) {
      return parseResponse(await open(new Uint8Array(await response.arrayBuffer()), account.key));
    },
  };
}

/** The public key in the CSR of a registration. */
export async function recipientOf(requests: readonly Request[]): Promise<Recipient> {
  const registration = requests.findLast(({ url }) => new URL(url).pathname === '/registration');
  const csr = new Uint8Array((await registration?.clone().arrayBuffer()) ?? new ArrayBuffer(0));
  return importRecipient(parsePublicKey(parseCsr(csr).spki));
}

/** Content sealed as anybody can who has the public key. */
export async function sealedFor(
  recipient: Recipient,
  content: Bytes,
  encryption: ContentEncryptionName = 'AES-256-GCM',
): Promise<Response> {
  const message = concat(await seal(recipient, encryption, content));
  return sealedResponse(message, contentEncryptionOf(encryption).isAead);
}

/** An answer sealed so. */
export const sealedAnswerFor = (recipient: Recipient, answer: BinaryResponse, encryption?: ContentEncryptionName) =>
  sealedFor(recipient, encodeResponse(answer), encryption);

/** @param message DER of a ContentInfo. */
export function sealedResponse(message: Bytes, isAuthenticated = true): Response {
  const smimeType = isAuthenticated ? 'authEnveloped-data' : 'enveloped-data';
  return new Response(message, { headers: { 'Content-Type': `application/pkcs7-mime; smime-type=${smimeType}` } });
}

/** What comes of a request: the status that the client reads, or the code and message of its error. */
export const outcomeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (answer) => (answer instanceof Response ? `read: ${answer.status}` : 'done'),
    (error: unknown) => (error instanceof CaleError ? `${error.code}: ${error.message}` : String(error)),
  );

/** The one outcome of whatever cannot be believed. */
export const UNREADABLE = 'unreadable: The answer cannot be opened with this key.';
