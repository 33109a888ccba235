/** An exchange as a wire-tapper sees it, and an answer as the client reads it. */

import type { CaleError } from '../../client/errors.ts';
import type { Whoami } from '../../client/whoami.ts';
import { type Asn1Node, openOut } from './asn1.ts';
import { element } from './elements.ts';
import type { Exchange } from './exchange.ts';

/** The exchange with the structure of its answer, an open tree whose branches can be closed. */
export function wireView(exchange: Exchange): HTMLElement {
  const { method, path, requestFields, requestBody, status, responseFields, body } = exchange;
  return element(
    'div',
    '',
    element('pre', '', `${method} ${path}\n${fields(requestFields)}${bodyText(requestFields, requestBody)}`),
    element('pre', '', `${status}\n${fields(responseFields)}`),
    element('p', '', `${body.length} bytes of CMS:`),
    element('div', 'tree', element('ul', '', treeOf(openOut(body)))),
  );
}

const fields = (list: Exchange['requestFields']): string =>
  list.map(([name, value]) => `${name}: ${hidePassword(name, value)}`).join('\n');

/** The body of a request as the network shows it: a text, or the size of a message that only the origin opens. */
function bodyText(requestFields: Exchange['requestFields'], body: Uint8Array<ArrayBuffer>): string {
  if (body.length === 0) return '';
  const isText = requestFields.some(([name, value]) => name === 'content-type' && value.startsWith('text/'));
  return `\n\n${isText ? new TextDecoder().decode(body) : `${body.length} bytes that are not text`}`;
}

/** The edge does see it, once; a screen need not show it. */
const hidePassword = (name: string, value: string): string =>
  name.toLowerCase() === 'authorization' ? value.replace(/ .*/, ' …') : value;

function treeOf({ name, type, length, value, children }: Asn1Node): HTMLElement {
  const heading = [element('b', '', name), name === '' ? '' : ' ', element('i', '', `${type} (${length})`)];
  if (value !== undefined) return element('li', '', ...heading, ` ${value}`);
  const branch = element('details', '', element('summary', '', ...heading), element('ul', '', ...children.map(treeOf)));
  branch.setAttribute('open', '');
  return element('li', '', branch);
}

/** The answer of the origin, its JSON set in lines. */
export async function responseView(response: Response): Promise<HTMLElement> {
  const text = await response.text();
  const isJson = response.headers.get('Content-Type')?.startsWith('application/json');
  const body = isJson ? JSON.stringify(JSON.parse(text), undefined, 2) : text;
  return element(
    'div',
    '',
    element('pre', '', `${response.status}\n${fields([...response.headers])}`),
    element('pre', '', body),
  );
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
  return element(
    'div',
    '',
    element('dl', '', ...list),
    element('details', '', element('summary', '', 'Certificate'), element('pre', 'pem', pem)),
  );
}

export const errorView = (error: CaleError): HTMLElement => element('p', 'wrong', error.message);
