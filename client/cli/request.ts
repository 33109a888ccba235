/** `-X`, `-d` and `-H` as curl has them. */

import { concat, utf8 } from '../../shared/encoding/bytes.ts';
import { parseLatin1 } from '../../shared/encoding/latin1.ts';
import { isFieldName, isFieldValue } from '../../shared/protocol/headers.ts';
import { readInput } from './input.ts';
import { note } from './output.ts';
import { UsageError } from './usage-error.ts';

/** A `-d`, `--data-raw` or `--data-binary`. */
export interface DataPart {
  readonly text: string;
  /** True when `@` stands before the name of a file. */
  readonly takesFiles: boolean;
  /** True when line ends and zero bytes of a file are left out. */
  readonly strips: boolean;
}

export interface RequestOptions {
  readonly request?: string;
  readonly data?: readonly DataPart[];
  readonly header?: readonly string[];
}

export interface CurlRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** @throws {UsageError} when a header field or a file is none, or the method takes no body. */
export async function requestOf({ request, data, header = [] }: RequestOptions): Promise<CurlRequest> {
  const method = request ?? (data === undefined ? 'GET' : 'POST');
  if (/^(connect|trace|track)$/i.test(method) || !isFieldName(method)) {
    throw new UsageError(`${method} is no method that can be asked by.`);
  }
  if (data !== undefined && /^(get|head)$/i.test(method))
    throw new UsageError(`A ${method} has no body: -d is for others.`);
  const headers = new Headers(data && { 'Content-Type': 'application/x-www-form-urlencoded' });
  for (const line of await linesOf(header)) setField(headers, line);
  return { method, headers, ...(data && { body: await bodyOf(data) }) };
}

/** Lines of `-H @file` are taken as if each had its own `-H`. */
async function linesOf(header: readonly string[]): Promise<string[]> {
  const lines = header.map(async (line) => {
    if (!line.startsWith('@')) return [line];
    const text = parseLatin1(await readInput(line.slice(1)));
    return text.split(/\r?\n/).filter((each) => each !== '');
  });
  return (await Promise.all(lines)).flat();
}

/**
 * `Name: value`; `Name:` takes a field away that would be there by default; `Name;` is one without a value.
 * No value is repeated in an error: it may be a secret.
 */
function setField(headers: Headers, line: string): void {
  const [, name = '', separator, rest = ''] = /^([^:;]*)([:;])(.*)$/s.exec(line) ?? [];
  const value = parseLatin1(utf8(rest.trim()));
  if (!isFieldName(name) || (separator === ';' && value !== '')) {
    throw new UsageError('A header field is "Name: value", "Name;" without a value, or "Name:" to leave it out.');
  }
  if (!isFieldValue(value)) {
    throw new UsageError(`The value of ${name} holds a line end or another control character: was it wrapped?`);
  }
  // The first one takes the place of the default.
  if (/^content-type$/i.test(name) || value === '') headers.delete(name);
  if (value !== '' || separator === ';') headers.append(name, value);
}

/** The parts with `&` between them. */
async function bodyOf(data: readonly DataPart[]): Promise<Uint8Array<ArrayBuffer>> {
  const parts = await Promise.all(data.map(bytesOf));
  return concat(parts.flatMap((part, at) => (at === 0 ? [part] : [utf8('&'), part])));
}

async function bytesOf({ text, takesFiles, strips }: DataPart): Promise<Uint8Array<ArrayBuffer>> {
  if (!takesFiles || !text.startsWith('@')) return utf8(text);
  const bytes = await readInput(text.slice(1));
  if (!strips) return bytes;
  if (bytes.includes(0))
    note('-d leaves out line ends and zero bytes, as curl does; --data-binary sends a file as it is.');
  return bytes.filter((byte) => byte !== 0x0a && byte !== 0x0d && byte !== 0);
}
