/** The commands on a user's own devices: list, revoke, renew, forget; and what an owner with too many is told. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaleShell } from '../support/cale-shell.ts';
import { type Harness, startHarness } from '../support/harness.ts';

let harness: Harness;
let edge: string;
let shell: CaleShell;
beforeAll(async () => {
  harness = await startHarness({
    vars: { authority: { CREDENTIALS_PER_OWNER: '3' }, edge: { TLS_CIPHER: 'ECDHE-RSA-AES256-GCM-SHA384' } },
  });
  edge = new URL(harness.url).origin;
  shell = await CaleShell.create();
});
afterAll(async () => {
  await harness.server.close();
  await shell.remove();
});

interface Listed {
  readonly id: string;
  readonly device: string;
  readonly isCurrent: boolean;
  readonly revokedAt?: string;
}

const registerAs = (account: string, ...more: string[]) =>
  shell.caleWith(
    { env: { CALE_PASSWORD: 'builder' } },
    ...['register', edge, '--basic', 'bob', '--account', account, ...more],
  );
const cale = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await shell.cale(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const devicesOf = async (account: string): Promise<Listed[]> =>
  JSON.parse(await cale('devices', '--account', account, '--json'));

test('devices lists them, one a line, and revokes one by its id', async () => {
  for (const name of ['laptop', 'phone']) expect((await registerAs(name, '--subject', `my ${name}`)).code).toBe(0);
  const lines = (await cale('devices', '--account', 'laptop')).trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(
      /^[\w-]{16} {2}P-256 {2}registered [\d-]{10} {2}.*used.* {2}valid until [\d-]{10} {2}CN=my phone$/,
    ),
    expect.stringMatching(/ CN=my laptop {2}\(this one\)$/),
  ]);
  const phone = (await devicesOf('laptop')).find(({ device }) => device === 'CN=my phone');
  expect(await cale('devices', '--account', 'laptop', '--revoke', phone?.id ?? '')).toBe(`revoked: ${phone?.id}\n`);
  expect(await shell.cale('fetch', '/resource', '--account', 'phone')).toMatchObject({ code: 3, stdout: '' });
  const again = await shell.cale('devices', '--account', 'laptop', '--revoke', phone?.id ?? '');
  expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no credential') });
  expect(await cale('devices', '--account', 'laptop')).toMatch(/ revoked [\d-]{10} {2}CN=my phone\n/);
});

test('renew takes a new key, of another type where one is named', async () => {
  const before = JSON.parse(await cale('list', '--json'));
  expect(await cale('renew', '--account', 'laptop', '--key', 'P-384')).toMatch(
    /^renewed: http.*\naccount: laptop\nkey: P-384\n$/,
  );
  expect(JSON.parse(await cale('list', '--json'))).not.toEqual(before);
  expect(await cale('fetch', '/resource', '--account', 'laptop')).toContain('"owner":"bob"');
  expect((await devicesOf('laptop')).find(({ isCurrent }) => isCurrent)).toMatchObject({ device: 'CN=my laptop' });
});

test('an operator lists and revokes by conditions, of which all have to hold', async () => {
  const admin = { env: { CALE_ADMIN_TOKEN: 'admin' } };
  const listBy = async (...conditions: string[]): Promise<{ device: string; revokedAt: string | null }[]> =>
    JSON.parse((await shell.caleWith(admin, 'credentials', edge, ...conditions, '--json')).stdout);
  const future = new Date(Date.now() + 86_400_000).toISOString();
  const phones = await listBy('--owner', 'bob', '--device', 'CN=my phone', '--before', future);
  expect(phones.map(({ device }) => device)).toEqual(['CN=my phone']);
  expect(await listBy('--owner', 'alice', '--device', 'CN=my phone')).toEqual([]);
  expect(await listBy('--device', 'CN=my phone', '--unused-since', '2020-01-01T00:00:00Z')).toEqual([]);
  const conditions = ['--owner', 'alice', '--before', future, '--unused-since', future];
  expect(await shell.caleWith(admin, 'revoke', edge, ...conditions)).toMatchObject({ code: 0, stdout: 'revoked: 0\n' });
});

describe('with too many devices', () => {
  let refused: { readonly code: number; readonly stderr: string };
  beforeAll(async () => {
    for (const name of ['second', 'third']) expect((await registerAs(name)).code).toBe(0);
    refused = await registerAs('fourth');
  });

  test('an owner is told which there are, and how to revoke one', async () => {
    expect(refused.code).toBe(4);
    const [sentence = '', ...listed] = refused.stderr.trimEnd().split('\n');
    expect(sentence).toMatch(/^cale: .*\(too-many-credentials\).*--revoke ID/);
    expect(listed).toHaveLength(3);
    for (const line of listed) expect(line).toMatch(/^[\w-]{16} {2}P-\d{3} {2}registered /);
    const { stderr } = await registerAs('fourth', '--json');
    expect(JSON.parse(stderr)).toMatchObject({ error: 'refused', problem: 'too-many-credentials', status: 409 });
    expect(JSON.parse(stderr).credentials).toHaveLength(3);
  });

  test('one without any key revokes by a password, and can register then', async () => {
    const other = await CaleShell.create();
    try {
      const [id = ''] = (refused.stderr.split('\n')[1] ?? '').split('  ');
      const args = ['devices', '--edge', edge, '--revoke', id, '--basic', 'bob'];
      const wrong = await other.caleWith({ env: { CALE_PASSWORD: 'wrong' } }, ...args);
      expect(wrong).toMatchObject({ code: 4, stdout: '' });
      const revoked = await other.caleWith({ env: { CALE_PASSWORD: 'builder' } }, ...args);
      expect(revoked).toEqual({ code: 0, stdout: `revoked: ${id}\n`, stderr: '' });
    } finally {
      await other.remove();
    }
    expect((await registerAs('fourth')).code).toBe(0);
  });
});

test('forget --revoke ends the credential, and forgets nothing when it cannot', async () => {
  expect(await cale('forget', edge, '--account', 'fourth', '--revoke')).toContain('revoked: yes\n');
  expect(await shell.cale('fetch', '/resource', '--account', 'fourth')).toMatchObject({ code: 2 });
  // Revoked before: it cannot say any more which one it is.
  const failed = await shell.cale('forget', edge, '--account', 'phone', '--revoke');
  expect(failed).toMatchObject({ code: 3, stdout: '' });
  expect(await cale('list')).toContain('  phone  ');
  await cale('forget', edge, '--account', 'phone');
  expect(await cale('list')).not.toContain('  phone  ');
});

test.each([
  ['an id that is none', ['devices', '--revoke', '../x']],
  ['a password without --revoke', ['devices', '--basic', 'bob']],
  ['a proof of identity without an edge', ['devices', '--revoke', 'abc', '--basic', 'bob']],
  ['a query without a condition', ['credentials', 'http://127.0.0.1:9', '--token', 'x', '--json']],
  ['a date that is none', ['revoke', 'http://127.0.0.1:9', '--token', 'x', '--unused-since', 'yesterday']],
])('%s is a matter of usage', async (_, args) => {
  expect(await shell.cale(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/./) });
});
