/** The commands of an operator for what is stored: `cale admin export`, `import`, `reindex` and `restore`. */

import { readFile } from 'node:fs/promises';
import { parseDateTime } from '../../shared/encoding/date-time.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../shared/encoding/json.ts';
import { AdminClient, addCounts } from './admin-client.ts';
import type { AdminTokenOptions } from './credentials.ts';
import { note, print, write } from './output.ts';
import { UsageError } from './usage-error.ts';

/** The first line of an export. */
const FORMAT = { format: 'cale-credentials', version: 1 };
/** Credentials of one call, and characters of them: the edge takes a MiB. */
const MAX_AT_ONCE = 100;
const MAX_CHARACTERS = 256 * 1024;
/** KV may give what it had before for so long. */
const KV_DELAY_MS = 90_000;

/** Prints a line for each credential, behind one that says the format and before one that says how many there are. */
export async function exportCredentials(edge: string, options: AdminTokenOptions): Promise<void> {
  const client = await AdminClient.open(edge, options);
  await writeJson({ ...FORMAT, exportedAt: new Date().toISOString() });
  let count = 0;
  for await (const page of client.pages('GET', 'export')) {
    for (const credential of page['credentials'] as readonly unknown[]) {
      await writeJson(credential);
      count++;
    }
  }
  await writeJson({ count });
}

const writeJson = (value: unknown): Promise<void> => write(`${JSON.stringify(value)}\n`);

/** Puts the credentials of an export back. Says which lines were refused, and ends with a failure then. */
export async function importCredentials(edge: string, file: string, options: AdminTokenOptions): Promise<void> {
  const lines = linesOf(await readExport(file));
  const client = await AdminClient.open(edge, options);
  const counts: Record<string, number> = { added: 0, revoked: 0, refused: 0 };
  for (let start = 0; start < lines.length; ) {
    const batch = batchFrom(lines, start);
    const { refused, ...page } = await client.ask('POST', 'import', {
      credentials: batch.map((line) => JSON.parse(line)),
    });
    addCounts(counts, page);
    for (const { at, reason } of refused as readonly { at: number; reason: string }[]) {
      counts['refused'] = (counts['refused'] ?? 0) + 1;
      // The format stands on the first line.
      note(`line ${start + at + 2} is refused: ${reason}`);
    }
    start += batch.length;
  }
  if (counts['refused'] !== 0) process.exitCode = 1;
  await printCounts(counts, options);
}

async function readExport(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
}

/** @returns the lines with credentials. @throws {UsageError} unless it is a whole export. */
function linesOf(text: string): string[] {
  const [first = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const { format, version } = tryParseJsonObject(first) ?? {};
  if (format !== FORMAT.format || version !== FORMAT.version) {
    throw new UsageError('The file is no export of this version: its first line says another format.');
  }
  const end = tryParseJsonObject(lines.pop() ?? '');
  if (end?.['count'] !== lines.length) {
    throw new UsageError('The file is not whole: its last line does not say how many credentials there are.');
  }
  for (const [at, line] of lines.entries()) {
    if (tryParseJsonObject(line) === undefined) throw new UsageError(`Line ${at + 2} of the file is no JSON object.`);
  }
  return lines;
}

/** @returns at least one line, and no more than fit into one call. */
function batchFrom(lines: readonly string[], start: number): string[] {
  const batch: string[] = [];
  let length = 0;
  for (const line of lines.slice(start, start + MAX_AT_ONCE)) {
    length += line.length;
    if (batch.length > 0 && length > MAX_CHARACTERS) break;
    batch.push(line);
  }
  return batch;
}

export async function reindex(edge: string, options: AdminTokenOptions): Promise<void> {
  await printCounts(await reindexAll(await AdminClient.open(edge, options)), options);
}

async function reindexAll(client: AdminClient): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const page of client.pages('POST', 'reindex')) addCounts(counts, page);
  return counts;
}

export interface RestoreOptions extends AdminTokenOptions {
  readonly to: string;
}

/** Takes all shards back to a time, then reindexes, so that registrations and revocations since come back. */
export async function restore(edge: string, { to, ...options }: RestoreOptions): Promise<void> {
  if (tryParse(() => parseDateTime(to)) === undefined) {
    throw new UsageError(`${to} is no date and time such as 2027-01-31T12:00:00Z.`);
  }
  const client = await AdminClient.open(edge, options);
  const counts: Record<string, number> = {};
  let failures = 0;
  let cursor: unknown;
  do {
    const body = typeof cursor === 'string' ? { to, cursor } : { to };
    const { failed, cursor: next, ...page } = await client.ask('POST', 'restore', body);
    addCounts(counts, page);
    for (const { shard, reason } of failed as readonly { shard: number; reason: string }[]) {
      failures++;
      note(`shard ${shard} is as it was: ${reason}`);
    }
    cursor = next;
  } while (typeof cursor === 'string');
  addCounts(counts, await reindexAll(client));
  note('KV may not show yet what was revoked last: reindexing once more in 90 seconds.');
  await new Promise((resolve) => setTimeout(resolve, KV_DELAY_MS));
  addCounts(counts, await reindexAll(client));
  if (failures > 0) process.exitCode = 1;
  await printCounts(counts, options);
}

const printCounts = (counts: Record<string, number>, options: AdminTokenOptions): Promise<void> =>
  options.json
    ? writeJson(counts)
    : print(Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)])), {});
