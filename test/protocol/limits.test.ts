import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { Device } from '../support/device.ts';
import { ALICE, ask, BOB, basic, type Harness, register, registeredDevice, startHarness } from '../support/harness.ts';

/** The edge as it is, with limits that are soon reached; that of a GUID is below that of a network, and this below a site's. */
const CONFIG = 'wrangler.limits.local.toml';
const LIMIT = 5;
const REQUEST_LIMIT = 9;
const SITE_LIMIT = 12;

beforeAll(() => {
  const original = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  const limited = original
    .replaceAll(/limit = \d+/g, `limit = ${LIMIT}`)
    .replace(/(name = "REQUEST_LIMITER"\n.*\n.*limit = )\d+/, `$1${REQUEST_LIMIT}`)
    .replace(/(name = "SITE_LIMITER"\n.*\n.*limit = )\d+/, `$1${SITE_LIMIT}`);
  expect(limited.match(/limit = \d+/g)).toEqual(
    [LIMIT, REQUEST_LIMIT, SITE_LIMIT, LIMIT, LIMIT].map((each) => `limit = ${each}`),
  );
  writeFileSync(join(ROOT, CONFIG), limited);
});
afterAll(() => rmSync(join(ROOT, CONFIG)));

/** Sends until it is refused: a window of the limiter may end in between. */
async function untilRefused(send: (at: number) => ReturnType<typeof ask>): Promise<void> {
  for (let sent = 0; sent < 5 * SITE_LIMIT; sent++) if ((await send(sent)).status === 429) return;
  expect.unreachable('never refused');
}

/** @returns the refusal of `probe` after `send` has used the limit up. A window that ends in between is used up again. */
async function refusalAfter(
  send: (at: number) => ReturnType<typeof ask>,
  probe: () => ReturnType<typeof ask>,
): ReturnType<typeof ask> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await untilRefused(send);
    const answer = await probe();
    if (answer.status === 429) return answer;
  }
  return expect.unreachable('not refused');
}

const TOO_MANY = {
  type: 'urn:cale:problem:too-many-requests',
  title: 'Too many requests.',
  status: 429,
  requestId: expect.any(String),
};
const from = (address: string) => ({ 'CF-Connecting-IP': address });

describe('on:', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ edgeConfig: CONFIG });
  });
  afterAll(() => harness.server.close());

  const askFrom = (address: string, guid: string = crypto.randomUUID()) =>
    ask(harness, '/resource', guid, { headers: from(address) });

  test('registration is refused for a network, with any proof, with a time to wait', async () => {
    const refused = await refusalAfter(
      () => register(harness, 'x', { ...from('2001:db8:1:1::1'), Authorization: 'x' }),
      () => register(harness, 'x', { ...from('2001:db8:1:1:ffff::2'), Authorization: ALICE }),
    );
    expect(refused.headers.get('Retry-After')).toBe('60');
    expect(await refused.json()).toEqual(TOO_MANY);
    expect((await register(harness, 'x', { ...from('2001:db8:1:2::1'), Authorization: 'x' })).status).toBe(401);
  });

  test('requests are refused for known and unknown GUIDs alike, with a time to wait', async () => {
    const { guid } = await registeredDevice(harness);
    for (const id of [guid, crypto.randomUUID(), 'x']) {
      const refused = await refusalAfter(
        () => askFrom('192.0.2.1'),
        () => askFrom('192.0.2.1', id),
      );
      expect(refused.headers.get('Retry-After')).toBe('10');
      expect(await refused.json()).toEqual(TOO_MANY);
    }
    await untilRefused(() => harness.server.fetch('/.well-known/cale', { headers: from('192.0.2.1') }));
  });

  test('an IPv4 address is the same network in each of its forms', async () => {
    const forms = ['192.0.2.7', '::ffff:192.0.2.7', '64:ff9b::c000:207'];
    for (const form of forms) {
      await refusalAfter(
        (at) => askFrom(forms[at % forms.length] ?? ''),
        () => askFrom(form),
      );
    }
    expect((await askFrom('::ffff:192.0.2.8')).status).toBe(200);
  });

  test('requests of a site are refused beyond a limit of its own, whose networks are all within theirs', async () => {
    const inSite = (at: number) => `2001:db8:5:${at.toString(16)}::1`;
    const refused = await refusalAfter(
      (at) => askFrom(inSite(at)),
      () => askFrom(inSite(0xffff)),
    );
    expect(refused.headers.get('Retry-After')).toBe('10');
    expect(await refused.json()).toEqual(TOO_MANY);
    expect((await askFrom('2001:db8:6::1')).status).toBe(200);
  });

  test('requests of a network with one GUID are refused, known or not, and those of other networks are not', async () => {
    const { guid } = await registeredDevice(harness);
    const unknown = crypto.randomUUID();
    let network = 0;
    for (const [id, again] of [
      [guid, guid.toUpperCase()],
      [unknown, unknown.toUpperCase()],
      ['malformed', 'malformed'],
    ]) {
      const address = `198.51.100.${network++}`;
      const refused = await refusalAfter(
        () => askFrom(address, id),
        () => askFrom(address, again),
      );
      expect(refused.headers.get('Retry-After')).toBe('10');
      expect(await refused.json()).toEqual(TOO_MANY);
      expect((await askFrom(`203.0.113.${network}`, id)).status).toBe(200);
    }
  });

  test('registrations by one owner are refused, from all networks together, after the proof', async () => {
    const { csr } = await Device.create('P-256', '');
    const registerAs = (authorization: string) => register(harness, csr, { Authorization: authorization });
    const refused = await refusalAfter(
      () => registerAs(ALICE),
      () => registerAs(ALICE),
    );
    expect(refused.headers.get('Retry-After')).toBe('60');
    expect(await refused.json()).toEqual(TOO_MANY);
    expect((await registerAs(basic('alice', 'wrong'))).status).toBe(401);
    expect((await registerAs(BOB)).status).toBe(200);
  });
});

test('CLIENT_ADDRESS_FIELD says where the address is; of a list the last one counts', async () => {
  const harness = await startHarness({
    edgeConfig: CONFIG,
    vars: { edge: { CLIENT_ADDRESS_FIELD: 'X-Forwarded-For' } },
  });
  const askVia = (list: string) => ask(harness, '/', crypto.randomUUID(), { headers: { 'X-Forwarded-For': list } });
  await refusalAfter(
    (at) => askVia(`192.0.2.${at}, 2001:db8::1`),
    () => askVia('2001:db8::1'),
  );
  expect((await askVia('2001:db8::1, 192.0.2.200')).status).toBe(200);
  await harness.server.close();
});

test('RATE_LIMITS=off leaves all of them out, but not the bound of wrong passwords', async () => {
  const harness = await startHarness({ edgeConfig: CONFIG, vars: { edge: { RATE_LIMITS: 'off' } } });
  const { guid } = await registeredDevice(harness);
  for (let sent = 0; sent < 3 * SITE_LIMIT; sent++) {
    expect((await ask(harness, '/resource', guid, { headers: from('2001:db8::1') })).status).toBe(200);
  }
  await untilRefused(() => register(harness, 'x', { ...from('2001:db8::1'), Authorization: basic('alice', 'wrong') }));
  await harness.server.close();
});
