/** Administrators: what leads to administration, the names of those who have a token, and Cloudflare Access. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { startAccessProxy } from '../support/access-proxy.ts';
import { type AccessTeam, startAccessTeam } from '../support/access-team.ts';
import { blocksOf } from '../support/blocks.ts';
import { type Harness, registeredDevice, startHarness } from '../support/harness.ts';

const block = blocksOf('docs/operations.md');
const ADMIN_TOKENS = block('"on call"').text;
const { alice: ALICES, 'on call': BOBS } = JSON.parse(ADMIN_TOKENS) as Record<'alice' | 'on call', string>;
const edge = { ADMIN_TOKENS };

const ask = ({ server }: Harness, path: string, headers: Record<string, string>, method = 'GET') =>
  server.fetch(`/admin/${path}`, { method, headers });

/** Revokes a new credential. @returns who did it, by the trail. */
async function actorOf(harness: Harness, headers: Record<string, string>): Promise<string | undefined> {
  const { guid } = await registeredDevice(harness);
  const revoked = await ask(harness, `credentials/${guid}`, headers, 'DELETE');
  expect([revoked.status, await revoked.json()]).toEqual([200, { revoked: 1 }]);
  let by: string | undefined;
  let cursor: string | null = '';
  do {
    const query: string = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page = (await (await ask(harness, `audit${query}`, headers)).json()) as {
      entries: { event: string; by: string }[];
      cursor: string | null;
    };
    by = page.entries.findLast(({ event }) => event === 'revoked')?.by ?? by;
    cursor = page.cursor;
  } while (cursor !== null);
  return by;
}

describe('administration', () => {
  const caller = {
    name: 'caller',
    main: 'test/support/authority-caller.ts',
    compatibility_date: '2026-11-02',
    services: [
      { binding: 'AUTHORITY', service: 'cale-authority' },
      { binding: 'ADMINISTRATION', service: 'cale-authority', entrypoint: 'Administration' },
    ],
  };
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ secrets: { edge }, more: [caller] });
  });
  afterAll(() => harness.server.close());

  const call = (url: string, method = 'GET') => harness.server.getWorker('caller').fetch(url, { method });

  test('is an entrypoint of its own, and answers nothing else', async () => {
    const status = await call('https://administration/admin/status');
    expect([status.status, status.headers.get('Cache-Control')]).toEqual([200, 'no-store']);
    expect(await status.json()).toMatchObject({ catalogue: 'reachable' });
    expect((await call('https://administration/certificates')).status).toBe(404);
  });

  test('cannot be reached through a binding to the authority', async () => {
    expect((await call('https://authority/certificates')).status).toBe(200);
    for (const path of ['status', 'metrics', 'credentials?owner=alice', 'export', 'audit']) {
      const answer = await call(`https://authority/admin/${path}`);
      expect([answer.status, await answer.json()]).toMatchObject([404, { type: 'urn:cale:problem:not-found' }]);
    }
    expect((await call('https://authority/admin/credentials?owner=alice', 'DELETE')).status).toBe(404);
    // Nor by RPC, for which the default entrypoint is an object with its properties.
    for (const name of ['administration', 'Administration']) {
      expect(await (await call(`https://rpc/${name}`)).text()).toContain('does not implement the method');
    }
  });

  test('is bound in the configurations as the page has it', () => {
    const { text } = block('binding = "ADMINISTRATION"');
    for (const path of ['wrangler.toml', 'template/workers/edge/wrangler.toml']) {
      expect(readFileSync(join(ROOT, path), 'utf8')).toContain(text);
    }
  });

  test('is for each one who has a token, whose name the trail has', async () => {
    expect(await actorOf(harness, { Authorization: `Bearer ${ALICES}` })).toBe('administrator alice');
    expect(await actorOf(harness, { Authorization: `Bearer ${BOBS}` })).toBe('administrator on call');
    expect(await actorOf(harness, { Authorization: 'Bearer admin' })).toBe('administrator administrator');
  });

  test('takes no name from the request', async () => {
    const headers = { Authorization: `Bearer ${ALICES}`, 'CALE-Administrator': 'mallory' };
    expect(await actorOf(harness, headers)).toBe('administrator alice');
  });

  test.each([ALICES.slice(0, -1), `${ALICES}x`, ALICES.toUpperCase(), 'alice', `${ALICES}${BOBS}`, `alice:${ALICES}`])(
    'is not for who has %s',
    async (token) => {
      const answer = await ask(harness, 'status', { Authorization: `Bearer ${token}` });
      expect([answer.status, await answer.json()]).toMatchObject([
        401,
        { type: 'urn:cale:problem:admin-token-required' },
      ]);
    },
  );
});

describe('behind Cloudflare Access', () => {
  let team: AccessTeam;
  let teamWithoutKeys: AccessTeam;
  let harness: Harness;
  let withoutKeys: Harness;
  beforeAll(async () => {
    [team, teamWithoutKeys] = await Promise.all([startAccessTeam(), startAccessTeam(false)]);
    [harness, withoutKeys] = (await Promise.all(
      [team, teamWithoutKeys].map(({ variables }) => startHarness({ vars: { edge: variables }, secrets: { edge } })),
    )) as [Harness, Harness];
  });
  afterAll(async () => {
    await Promise.all([harness, withoutKeys].map(({ server }) => server.close()));
    await Promise.all([team.close(), teamWithoutKeys.close()]);
  });

  const withAssertion = (assertion: string, token = ALICES) => ({
    Authorization: `Bearer ${token}`,
    'Cf-Access-Jwt-Assertion': assertion,
  });
  const SERVICE = { common_name: '88bf3b6d86161464f6509f7219099e57.access' };

  test.each<[string, Record<string, unknown>, string]>([
    ['a person', { email: 'carol@example.com' }, 'alice, carol@example.com'],
    ['a service', SERVICE, `alice, ${SERVICE.common_name}`],
    ['a person with other letters', { email: 'jürgen@example.com' }, 'alice, j%C3%BCrgen@example.com'],
  ])('the trail has the token and %s', async (_, claims, name) => {
    const assertion = await team.assertion({ claims });
    expect(await actorOf(harness, withAssertion(assertion))).toBe(`administrator ${name}`);
  });

  const other = generateKeyPair('RS256');
  test.each<[string, () => Promise<string> | string, string]>([
    ['of another audience', () => team.assertion({ audience: 'another' }), 'The claim aud of the token'],
    ['of another team', () => team.assertion({ issuer: 'https://evil.cloudflareaccess.com' }), 'The claim iss of the'],
    ['that has ended', () => team.assertion({ expires: '-1s' }), 'The token has expired'],
    ['by another key', async () => team.assertion({ key: (await other).privateKey }), 'The signature of the token'],
    ['of no one', () => team.assertion({ claims: {} }), 'The token has neither an email nor a common_name'],
    ['with an email that is no text', () => team.assertion({ claims: { email: ['a'] } }), 'The token has neither'],
    ['without a signature', () => new UnsecuredJWT({ email: 'a@example.com' }).encode(), 'The'],
    ['that is none', () => 'x', 'The token is not a signed JWT'],
  ])('an assertion is refused %s', async (_, assertion, detail) => {
    const answer = await ask(harness, 'status', withAssertion(await assertion()));
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { type: 'urn:cale:problem:admin-access-required', detail: expect.stringMatching(`^${detail}`) },
    ]);
  });

  test('a token is not enough, and cannot be guessed', async () => {
    const [right, wrong] = await Promise.all(
      [ALICES, 'a-token-of-no-one'].map((token) => ask(harness, 'status', { Authorization: `Bearer ${token}` })),
    );
    expect([right?.status, wrong?.status]).toEqual([403, 403]);
    const problemOf = async (answer: typeof right) => ({ ...((await answer?.json()) as object), requestId: '' });
    expect(await problemOf(right)).toEqual(await problemOf(wrong));
  });

  test('an assertion is not enough', async () => {
    const assertion = await team.assertion();
    for (const headers of [withAssertion(assertion, 'a-token-of-no-one'), { 'Cf-Access-Jwt-Assertion': assertion }]) {
      expect((await ask(harness, 'status', headers)).status).toBe(401);
    }
  });

  test('there is no administration while the keys of the team cannot be had', async () => {
    const answer = await ask(withoutKeys, 'status', withAssertion(await teamWithoutKeys.assertion()));
    expect(answer.status).toBe(503);
    const log = withoutKeys.server.getLogs().map(({ message }) => message);
    expect(log.join('\n')).toContain('IssuerUnavailable: the keys of ACCESS_TEAM_DOMAIN cannot be had or used');
  });

  test('a service comes through by curl, as the page has it', async () => {
    const service = { id: 'id', secret: 'secret', assertion: await team.assertion({ claims: SERVICE }) };
    const proxy = await startAccessProxy(harness.url, service);
    const command = block('CF-Access-Client-Id').text.replace('https://api.example.com', proxy.origin);
    const run = (SECRET: string) =>
      promisify(execFile)('sh', ['-euc', command], { env: { ...process.env, ID: 'id', SECRET, TOKEN: ALICES } });
    try {
      expect(JSON.parse((await run('secret')).stdout)).toMatchObject({ catalogue: 'reachable' });
      await expect(run('wrong')).rejects.toThrow('403');
    } finally {
      await proxy.close();
    }
  });

  test('clients need no assertion', async () => {
    await registeredDevice(harness);
  });
});
