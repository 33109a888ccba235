/** The commands of an operator for what is stored: export, import, reindex, restore. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaleShell } from '../support/cale-shell.ts';
import { ask, type Harness, type RegisteredDevice, registeredDevice, startHarness } from '../support/harness.ts';

const ADMIN = { env: { CALE_ADMIN_TOKEN: 'admin' } };
let from: Harness;
let to: Harness;
let shell: CaleShell;
const devices: RegisteredDevice[] = [];
beforeAll(async () => {
  from = await startHarness();
  to = await startHarness({ vars: { authority: { AUTHORITY_SHARDS: '300' } } });
  shell = await CaleShell.create();
  for (let at = 0; at < 3; at++) devices.push(await registeredDevice(from));
});
afterAll(async () => {
  await from.server.close();
  await to.server.close();
  await shell.remove();
});

const edgeOf = ({ url }: Harness): string => new URL(url).origin;
const admin = (...args: string[]) => shell.caleWith(ADMIN, 'admin', ...args);
const reads = async (harness: Harness, { device, guid }: RegisteredDevice): Promise<boolean> =>
  (await ask(harness, '/resource', guid))
    .text()
    .then((text) => device.open(text))
    .then(
      () => true,
      () => false,
    );

async function exported(): Promise<string> {
  const { code, stdout, stderr } = await admin('export', edgeOf(from));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function fileOf(text: string): Promise<string> {
  const file = join(shell.home, `${crypto.randomUUID()}.jsonl`);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

test('what is exported from one deployment is imported into another, of another number of shards', async () => {
  const [phone = expect.unreachable(), revoked = expect.unreachable()] = devices;
  await shell.caleWith(ADMIN, 'revoke', edgeOf(from), '--guid', revoked.guid);
  const text = await exported();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toEqual({ format: 'cale-credentials', version: 1, exportedAt: expect.any(String) });
  expect(lines.at(-1)).toEqual({ count: 3 });
  expect(
    lines
      .slice(1, -1)
      .map(({ guid }) => guid)
      .sort(),
  ).toEqual(devices.map(({ guid }) => guid).sort());
  expect([await reads(from, phone), await reads(to, phone)]).toEqual([true, false]);
  const file = await fileOf(text);
  expect(await admin('import', edgeOf(to), file)).toEqual({
    code: 0,
    stdout: 'added: 3\nrevoked: 0\nrefused: 0\n',
    stderr: '',
  });
  expect([await reads(to, phone), await reads(to, revoked)]).toEqual([true, false]);
  expect(await admin('import', edgeOf(to), file, '--json')).toMatchObject({
    code: 0,
    stdout: '{"added":0,"revoked":0,"refused":0}\n',
  });
  // The command asks for all pages: 300 shards are more than one call lists.
  const listed = await shell.caleWith(ADMIN, 'credentials', edgeOf(to), '--owner', 'alice', '--json');
  expect(JSON.parse(listed.stdout)).toHaveLength(3);
  expect(await shell.caleWith(ADMIN, 'revoke', edgeOf(to), '--owner', 'alice')).toMatchObject({
    stdout: 'revoked: 2\n',
  });
  expect(await reads(to, phone)).toBe(false);
});

test('an import says which lines are refused, and takes the others', async () => {
  const lines = (await exported()).trimEnd().split('\n');
  const bad = JSON.stringify({ ...JSON.parse(lines[1] ?? ''), owner: '' });
  const file = await fileOf([lines[0], bad, ...lines.slice(2)].join('\n'));
  const { code, stderr } = await admin('import', edgeOf(to), file);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^cale: line 2 is refused: .*\n$/) });
});

describe('a file that is no whole export is not imported:', () => {
  test.each([
    ['without its last line', (lines: string[]) => lines.slice(0, -1)],
    ['without one of its lines', (lines: string[]) => lines.toSpliced(1, 1)],
    ['without its first line', (lines: string[]) => lines.slice(1)],
    ['of a later version', (lines: string[]) => ['{"format":"cale-credentials","version":2}', ...lines.slice(1)]],
    ['with a line that is no JSON', (lines: string[]) => lines.with(1, '{')],
  ])('%s', async (_, change) => {
    const file = await fileOf(change((await exported()).trimEnd().split('\n')).join('\n'));
    expect(await admin('import', edgeOf(to), file)).toMatchObject({ code: 2, stdout: '' });
  });
});

test('reindex goes through everything, and prints counts', async () => {
  expect(await admin('reindex', edgeOf(from))).toEqual({
    code: 0,
    stdout: 'moved: 0\ncompared: 3\nadded: 0\nrevoked: 0\nrefused: 0\n',
    stderr: '',
  });
});

test('audit prints the trail, newest last, and status the credentials by shard', async () => {
  const { code, stdout } = await admin('audit', edgeOf(from));
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.slice(0, 3)).toEqual(
    Array(3).fill(expect.stringMatching(/^\d{4}-\S+Z {2}registered {2}[\w-]{16} {2}owner$/)),
  );
  expect(lines.find((line) => line.includes('exported'))).toMatch(
    / {2}exported {2}all {2}administrator administrator$/,
  );
  expect(lines.find((line) => line.includes('revoked'))).toMatch(/ {2}[\w-]{16} {2}administrator administrator$/);
  for (const { guid } of devices) expect(stdout).not.toContain(guid);
  const [first = ''] = (await admin('audit', edgeOf(from), '--json')).stdout.split('\n');
  expect(JSON.parse(first)).toMatchObject({ event: 'registered', by: 'owner' });
  const status = await admin('status', edgeOf(from));
  expect(status.code).toBe(0);
  expect(status.stdout).toMatch(
    /^shard 0 {2}live \d+ {2}revoked \d+ {2}ended 0 {2}not in KV yet \d+ {2}.* {2}tables \d+\n/,
  );
  expect(status.stdout).toMatch(/\nKV: reachable\n$/);
  const { shards } = JSON.parse((await admin('status', edgeOf(from), '--json')).stdout) as {
    shards: { live: number }[];
  };
  expect(shards.reduce((sum, { live }) => sum + live, 0)).toBe(2);
});

test('restore says that the platform has no point-in-time recovery', async () => {
  const time = new Date(Date.now() - 1000).toISOString();
  const answer = await admin('restore', edgeOf(from), '--to', time);
  expect(answer).toMatchObject({ stdout: '', stderr: expect.stringContaining('not there on this platform') });
  expect(answer.code).not.toBe(0);
  const [, , last = expect.unreachable()] = devices;
  expect(await reads(from, last)).toBe(true);
  expect(await admin('restore', edgeOf(from), '--to', 'yesterday')).toMatchObject({ code: 2 });
  expect((await admin('restore', edgeOf(from))).code).not.toBe(0);
});

test('without the token nothing is exported, and the edge takes no body that is too long', async () => {
  const { code, stdout } = await shell.caleWith(
    { env: { CALE_ADMIN_TOKEN: 'wrong' } },
    'admin',
    'export',
    edgeOf(from),
  );
  expect(code).not.toBe(0);
  expect(stdout).not.toContain(devices[0]?.guid);
  const response = await from.server.fetch('/admin/import', {
    method: 'POST',
    headers: { Authorization: 'Bearer admin' },
    body: JSON.stringify({ credentials: [], filler: 'x'.repeat(1024 * 1024) }),
  });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { type: 'urn:cale:problem:admin-request-malformed', detail: expect.stringContaining('1 MiB') },
  ]);
});
