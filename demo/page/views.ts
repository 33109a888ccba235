/** An exchange as it is seen on the way, and an answer as the client reads it. */

import type { CredentialInfo } from '../../client/credential-info.ts';
import type { CaleError } from '../../client/errors.ts';
import type { Whoami } from '../../client/whoami.ts';
import { CMS_TYPE, mediaTypeOf } from '../../shared/protocol/media-types.ts';
import { type Asn1Node, openOut } from './asn1.ts';
import { dump } from './dump.ts';
import { element } from './elements.ts';
import type { Exchange, Fields } from './exchange.ts';

/** Rows of bytes that are shown before one asks for all of them; fewer where rows are short, as on a phone. */
const SHOWN = { rows: 6, rowsOfPhone: 4 };
const SHOWN_OF_REQUEST = { rows: 3, rowsOfPhone: 2 };
const LONG_ROW = 16;

/** The exchange in the order of time; details are folded. @param inRow number of bytes in a row. */
export function wireView(exchange: Exchange, inRow: number): HTMLElement {
  const { method, path, requestFields, requestBody, status, responseFields, body } = exchange;
  return element(
    'div',
    'message',
    line('asks', `${method} ${path}`, guidOf(requestFields)),
    ...bodyView(requestFields, requestBody, { inRow, ...SHOWN_OF_REQUEST }),
    line('answers', String(status), `${body.length} bytes`),
    ...bodyView(responseFields, body, { inRow, ...SHOWN }),
    fold('Headers', fieldList(`${method} ${path}`, requestFields), fieldList(String(status), responseFields)),
    ...(isCms(responseFields)
      ? [fold('Structure', element('div', 'tree', element('ul', '', treeOf(openOut(body)))))]
      : []),
  );
}

/** @param aside of less importance: a GUID, a size. */
function line(kind: string, text: string, aside = ''): HTMLElement {
  return element('p', `line ${kind}`, element('code', '', text), ' ', element('small', '', aside));
}

/** The beginning of a GUID, which is long, and to be found whole among the header fields. */
function guidOf(fields: Fields): string {
  const guid = fieldOf(fields, 'cale-guid');
  return guid === undefined ? '' : `GUID ${guid.slice(0, 8)}…`;
}

function bodyView(
  fields: Fields,
  body: Uint8Array<ArrayBuffer>,
  { inRow, rows, rowsOfPhone }: { readonly inRow: number; readonly rows: number; readonly rowsOfPhone: number },
): HTMLElement[] {
  if (body.length === 0) return [];
  if (isText(fields)) return [element('pre', 'seen', new TextDecoder().decode(body))];
  const shown = body.subarray(0, inRow * (inRow < LONG_ROW ? rowsOfPhone : rows));
  const rest = body.length - shown.length;
  const first = bytesView(shown, inRow);
  if (rest === 0) return [first];
  first.classList.add('cut');
  return [first, fold(`${rest} more bytes`, bytesView(body.subarray(shown.length), inRow))];
}

/** A picture of bytes to those who hear the page: their number says more than they do. */
function bytesView(bytes: Uint8Array, inRow: number): HTMLElement {
  const view = element('pre', 'bytes', dump(bytes, inRow));
  view.setAttribute('role', 'img');
  view.setAttribute('aria-label', `${bytes.length} bytes, not readable`);
  return view;
}

function fold(title: string, ...content: HTMLElement[]): HTMLElement {
  return element('details', '', element('summary', '', title), ...content);
}

const fieldList = (start: string, list: Fields): HTMLElement =>
  element('pre', '', [start, ...list.map(([name, value]) => `${name}: ${hidePassword(name, value)}`)].join('\n'));

const fieldOf = (fields: Fields, wanted: string): string | undefined =>
  fields.find(([name]) => name.toLowerCase() === wanted)?.[1];

const mediaType = (fields: Fields): string => mediaTypeOf(fieldOf(fields, 'content-type') ?? null);
const isText = (fields: Fields): boolean => /^text\/|json$/.test(mediaType(fields));
const isCms = (fields: Fields): boolean => mediaType(fields) === CMS_TYPE;

/** The edge does see it, once; a screen need not show it. */
const hidePassword = (name: string, value: string): string =>
  name.toLowerCase() === 'authorization' ? value.replace(/ .*/, ' …') : value;

function treeOf({ name, type, length, value, children }: Asn1Node): HTMLElement {
  const heading = [element('b', '', name), name === '' ? '' : ' ', element('i', '', `${type} (${length})`)];
  if (value !== undefined) return element('li', '', ...heading, ` ${value}`);
  const branch = fold('', element('ul', '', ...children.map(treeOf)));
  branch.querySelector('summary')?.append(...heading);
  branch.setAttribute('open', '');
  return element('li', '', branch);
}

/** The answer of the origin. */
export async function responseView(response: Response): Promise<HTMLElement> {
  const fields = [...response.headers];
  const body = new Uint8Array(await response.arrayBuffer());
  return element(
    'div',
    'message',
    line(response.ok ? 'fine' : 'refused', String(response.status)),
    isText(fields) ? textView(new TextDecoder().decode(body)) : element('p', '', `${body.length} bytes`),
    fold('Headers', fieldList(String(response.status), fields)),
  );
}

function textView(text: string): HTMLElement {
  try {
    return jsonView(JSON.parse(text));
  } catch {
    return element('pre', 'body', text);
  }
}

/** JSON in lines, its names less loud than its values. */
function jsonView(json: unknown): HTMLElement {
  const lines = JSON.stringify(json, undefined, 2).split('\n');
  const parts = lines.flatMap((each) => {
    const [, indent = '', name = '', rest = ''] = /^( *)("(?:[^"\\]|\\.)*": )?(.*)$/.exec(each) ?? [];
    return [indent, element('i', '', name), rest, '\n'];
  });
  return element('pre', 'body', ...parts.slice(0, -1));
}

export function whoamiView({ owner, organization, scopes, device, notBefore, pem }: Whoami): HTMLElement {
  const facts = {
    Owner: owner,
    Organisation: organization,
    Scopes: scopes.join(', '),
    Device: device,
    Issued: `${notBefore.toLocaleString()}, and expired at once: it says who, and gives no access`,
  };
  const list = Object.entries(facts).flatMap(([term, fact]) => [element('dt', '', term), element('dd', '', fact)]);
  return element('div', 'message', element('dl', '', ...list), fold('Certificate', element('pre', 'pem', pem)));
}

/** Devices name themselves: a name goes in as text. */
export const devicesView = (credentials: readonly CredentialInfo[]): HTMLElement =>
  element('div', 'message', element('ul', 'devices', ...credentials.map(deviceView)));

function deviceView({ device, keyType, registeredAt, lastUsedOn, revokedAt, isCurrent }: CredentialInfo): HTMLElement {
  const state = revokedAt === undefined ? 'valid' : 'revoked';
  const facts = [
    keyType,
    `registered ${registeredAt.toLocaleDateString()}`,
    ...(lastUsedOn ? [`used ${lastUsedOn}`] : []),
  ];
  return element(
    'li',
    '',
    // A name may turn the direction of writing.
    element('b', '', element('bdi', '', device || 'without a name')),
    isCurrent ? ', this browser: ' : ': ',
    element('span', revokedAt === undefined ? 'right' : 'wrong', state),
    element('small', '', ` ${facts.join(', ')}`),
  );
}

/** An answer that the key does not open, or that did not come. */
export const errorView = (error: CaleError): HTMLElement =>
  verdictView(error.code === 'unreadable' ? 'Unreadable.' : 'No answer.', error.message);

export const verdictView = (verdict: string, reason: string): HTMLElement =>
  element('div', 'message', element('p', 'big wrong', verdict), element('p', '', reason));
