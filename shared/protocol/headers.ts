/** Header fields between the parties (draft Appendix B), and those of a message that go from hop to hop. */

import { BINARY_HTTP_TYPE } from './media-types.ts';

export const CALE_GUID = 'CALE-GUID';
/** The form of the content: `message/bhttp` for the whole answer, else its body. */
export const CALE_ACCEPT = 'CALE-Accept';
/** The media type of the envelope that the client takes, from the edge to the origin. */
export const CALE_ENVELOPE = 'CALE-Envelope';
export const CALE_PEM = 'CALE-PEM';
export const CALE_IDENTITY = 'CALE-Identity';
export const CIPHER = 'Cipher';
/** Names one request: see protocol/nonce.ts. */
export const CALE_NONCE = 'CALE-Nonce';
/** The URL that the client asked for, from the edge to the authority, which verifies signatures over it. */
export const CALE_TARGET_URI = 'CALE-Target-URI';
/** Days that a credential lasts, from the authority to the edge; `0`: it never ends. */
export const CALE_CREDENTIAL_DAYS = 'CALE-Credential-Days';
/** `?1`, from the edge to the authority: admit the nonce once. */
export const CALE_ADMIT = 'CALE-Admit';
/** The name of an administrator whose token was good, from the edge to the authority. */
export const CALE_ADMINISTRATOR = 'CALE-Administrator';
/** `keyid` of the client that a request is from: signed answers cover it, and a sealed request has it inside. */
export const CALE_KEY = 'CALE-Key';

/** Names the GUID and the network of a client, from the edge to the authority: a digest of both. */
export const CALE_ASKER = 'CALE-Asker';

/** Names one request, from the edge to all parties, and to the client inside of the answer: see protocol/request-id.ts. */
export const CALE_REQUEST_ID = 'CALE-Request-Id';

/** @param caleAccept value of `CALE-Accept`, if there is one. */
export const wantsBinaryHttp = (caleAccept: string | null): boolean =>
  caleAccept?.trim().toLowerCase() === BINARY_HTTP_TYPE;

/** Fields that end at each hop (RFC 9110 7.6.1), beside those that Connection names. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** True for a text that every platform takes as the value of a field: no controls, no characters beyond ISO 8859-1. */
export const isFieldValue = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);

/** token of RFC 9110 5.6.2. */
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Fields of this protocol are never named away: parties behind this hop decide by them as this one does. */
const OF_PROTOCOL = /^cale-/i;

/** @returns the names in a `Connection` field that end at this hop with it. */
const namedByConnection = (connection: string | null): string[] =>
  (connection ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => FIELD_NAME.test(name) && !OF_PROTOCOL.test(name));

/** True for a name of a field, and of a method: both are tokens. */
export const isFieldName = (text: string): boolean => FIELD_NAME.test(text);

/** @returns a copy of the header fields without those that end at this hop. */
export function endToEndHeaders(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of [...HOP_BY_HOP, ...namedByConnection(headers.get('Connection'))]) kept.delete(name);
  return kept;
}

/** @returns the lines of the header fields, by lower-case name, without those that end at this hop. */
export function endToEndLines(headers: Headers): [name: string, value: string][] {
  const connection = headers.get('Connection');
  const named = connection === null ? [] : namedByConnection(connection.toLowerCase());
  return [...headers].filter(([name]) => !HOP_BY_HOP.has(name) && !named.includes(name));
}
