/** `cale fetch`. */

import { encodeBase64 } from '../../shared/encoding/base64.ts';
import { concat, parseUtf8, utf8 } from '../../shared/encoding/bytes.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { encodeLatin1 } from '../../shared/encoding/latin1.ts';
import { CALE_GUID } from '../../shared/protocol/headers.ts';
import { CMS_TYPE } from '../../shared/protocol/media-types.ts';
import type { AccountInfo } from '../account.ts';
import { send } from '../exchange/send.ts';
import { type Common, findAccount, loadClient } from './accounts.ts';
import { escapeControls } from './escape.ts';
import { expectWritable, writeTo } from './output.ts';
import { withProgress } from './progress.ts';
import { type RequestOptions, requestOf } from './request.ts';
import { parseUrl } from './url.ts';

export interface FetchOptions extends Common, RequestOptions {
  readonly seal?: boolean;
  readonly include?: boolean;
  readonly output?: string;
  readonly raw?: boolean;
}

/** @param text a URL; of one that begins with `/` the edge is that of the only account. */
export async function fetchUrl(text: string, options: FetchOptions): Promise<void> {
  const { account, url } = await accountAndUrl(text, options.account);
  await expectWritable(options.output);
  if (options.raw) return writeTo(options.output, await fetchRaw(url, account));
  const request = await requestOf(options);
  const client = await loadClient(account, { fetch: withProgress(fetch) });
  const response = await client.fetch(url, { ...request, seal: options.seal ?? false });
  const body = new Uint8Array(await response.arrayBuffer());
  return writeTo(options.output, options.json ? inJson(response, body) : withFields(response, body, options));
}

async function accountAndUrl(text: string, name: string | undefined): Promise<{ account: AccountInfo; url: URL }> {
  if (text.startsWith('/') && !text.startsWith('//')) {
    const account = await findAccount(undefined, name);
    return { account, url: new URL(account.edge + text) };
  }
  const url = parseUrl(text);
  return { account: await findAccount(url.origin, name), url };
}

/** The answer as it came, without Binary HTTP, so that `openssl cms -decrypt` reads the body out of it. It takes no key. */
async function fetchRaw(url: URL, { guid }: AccountInfo): Promise<Uint8Array> {
  const request = new Request(url, { headers: { [CALE_GUID]: guid, Accept: CMS_TYPE } });
  const response = await send({ fetch: withProgress(fetch) }, request);
  return new Uint8Array(await response.arrayBuffer());
}

/** The body as a text where it is one, and else in base64; cookies as a list, because they cannot be joined. */
function inJson({ status, headers }: Response, body: Uint8Array): Uint8Array {
  const cookies = headers.getSetCookie();
  const fields = { ...Object.fromEntries(headers), ...(cookies.length > 0 && { 'set-cookie': cookies }) };
  const text = tryParse(() => parseUtf8(body));
  const content = text === undefined ? { base64: encodeBase64(body) } : { body: text };
  return utf8(`${escapeControls(JSON.stringify({ status, headers: fields, ...content }))}\n`);
}

function withFields({ status, headers }: Response, body: Uint8Array, { include }: FetchOptions): Uint8Array {
  if (!include) return body;
  const fields = [...headers].map(([name, value]) => concat([utf8(`${name}: `), escapeField(value), utf8('\n')]));
  return concat([utf8(`${status}\n`), ...fields, utf8('\n'), body]);
}

/**
 * @param value bytes, which Headers shows as characters of the same numbers.
 * @returns the bytes with controls escaped. In UTF-8 the bytes of C1 are parts of letters.
 */
function escapeField(value: string): Uint8Array {
  const bytes = encodeLatin1(value);
  const text = tryParse(() => parseUtf8(bytes));
  return text === undefined ? encodeLatin1(escapeControls(value)) : utf8(escapeControls(text));
}
