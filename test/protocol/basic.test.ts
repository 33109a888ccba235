/** HTTP Basic at registration: names and passwords in any form of Unicode, and refusals that say their reason. */

import { execFile } from 'node:child_process';
import { scryptSync } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { Device } from '../support/device.ts';
import { type Harness, register, startHarness } from '../support/harness.ts';
import { hasTerminal, runAtTerminal } from '../support/terminal.ts';

const SCRIPT = join(ROOT, 'scripts/hash-password.ts');

/** What npm run -s hash-password prints for an input that is no terminal. */
function hashPassword(input: string | Buffer): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [SCRIPT], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    child.stdin?.end(input);
  });
}

/** Composed, and decomposed as macOS types it. */
const [NFC, NFD] = ['jürgen', 'ju\u0308rgen'];
const [PASSWORD_NFC, PASSWORD_NFD] = ['Schlüssel: è', 'Schlu\u0308ssel: e\u0300'];

let harness: Harness;
let csr: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  const [first, second] = await Promise.all([hashPassword(`${PASSWORD_NFC}\n`), hashPassword(`${PASSWORD_NFD}\r\n`)]);
  const users = {
    [NFC]: { password: first.stdout.trim(), scopes: ['read'] },
    ['a\u030angstrom']: { password: second.stdout.trim(), scopes: ['read'] },
  };
  harness = await startHarness({ secrets: { edge: { BASIC_USERS: JSON.stringify(users) } } });
  ({ csr } = await Device.create('P-256', ''));
});
afterAll(() => harness.server.close());

const basic = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  `Basic ${Buffer.from(text, encoding).toString('base64')}`;
const registerAs = (authorization: string) => register(harness, csr, { Authorization: authorization });

describe('a user proves an identity', () => {
  test.each([NFC, NFD])('by the name %j, and the password composed or decomposed', async (name) => {
    for (const password of [PASSWORD_NFC, PASSWORD_NFD]) {
      expect((await registerAs(basic(`${name}:${password}`))).status).toBe(200);
    }
  });

  test('whose name and password are decomposed in BASIC_USERS', async () => {
    for (const name of ['ångstrom', 'a\u030angstrom']) {
      for (const password of [PASSWORD_NFC, PASSWORD_NFD]) {
        expect((await registerAs(basic(`${name}:${password}`))).status).toBe(200);
      }
    }
  });
});

describe('a refusal says its reason:', () => {
  const WRONG = 'The user name or the password is wrong.';
  const MALFORMED = 'The credentials of Basic are not base64 of a user name, a colon and a password in UTF-8.';
  test.each([
    ['a wrong password', basic(`${NFC}:wrong`), WRONG],
    ['a user who is not there, in the same words', basic('mallory:wrong'), WRONG],
    ['an empty password', basic(`${NFC}:`), WRONG],
    ['a password in Latin-1', basic(`${NFC}:x`, 'latin1'), MALFORMED],
    ['credentials without a colon', basic('alice'), MALFORMED],
    ['what is not base64', 'Basic !!!', MALFORMED],
    ['a scheme that is not offered', 'Digest x', 'The scheme of Authorization is none that is offered: basic.'],
    ['no credentials', 'Basic', 'Authorization is not a scheme, a space, and credentials without a space in them.'],
    ['too long credentials', `Basic ${'A'.repeat(16_385)}`, 'The credentials have 16385 characters; 16384 are read.'],
    ['no field', '', 'The request has no Authorization field.'],
  ])('%s', async (_, authorization, detail) => {
    const response = await registerAs(authorization);
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toBe('Basic realm="example.com", charset="UTF-8"');
    expect(await response.json()).toEqual({
      type: 'urn:cale:problem:identity-required',
      title: 'The proof of identity is missing, or is not good.',
      status: 401,
      detail,
      requestId: expect.any(String),
    });
  });
});

describe('npm run -s hash-password', () => {
  test('reads the first line, with the line end of any system or none', async () => {
    for (const input of ['secret', 'secret\n', 'secret\r\nmore\n', '\ufeffsecret\n']) {
      const { code, stdout, stderr } = await hashPassword(input);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const [, salt = '', hash = ''] = /^\$scrypt\$ln=14,r=8,p=5\$([A-Za-z0-9+/]{22})\$(.{43})\n$/.exec(stdout) ?? [];
      const expected = scryptSync('secret', Buffer.from(salt, 'base64'), 32, { N: 2 ** 14, r: 8, p: 5 });
      expect(Buffer.from(hash, 'base64')).toEqual(expected);
    }
  });

  test.each([
    ['nothing', '', 'There is no password.\n'],
    ['an empty line', '\nsecret\n', 'There is no password.\n'],
    ['what is not UTF-8', Buffer.from([0xff, 0x0a]), 'The password is not in UTF-8.\n'],
  ])('refuses %s', async (_, input, stderr) => {
    expect(await hashPassword(input)).toEqual({ code: 1, stdout: '', stderr });
  });

  const atTerminal = (first: string, second: string) =>
    runAtTerminal(`'${process.execPath}' '${SCRIPT}'`, [
      ['Password:', first],
      ['Once more:', second],
    ]);

  test.skipIf(!hasTerminal)('asks twice at a terminal, and shows nothing of what is typed', async () => {
    const { code, shown } = await atTerminal('open sesame', 'open sesame');
    expect(code).toBe(0);
    expect(shown).toMatch(/\$scrypt\$ln=14,r=8,p=5\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}\r\n/);
    expect(shown).not.toContain('sesame');
  });

  test.skipIf(!hasTerminal)('refuses two that differ', async () => {
    const { code, shown } = await atTerminal('open sesame', 'open barley');
    expect(code).toBe(1);
    expect(shown).toContain('The passwords differ.');
    expect(shown).not.toMatch(/sesame|barley|scrypt/);
  });
});
