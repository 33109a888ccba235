import { env, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OpenError } from '../../../shared/cms/open.ts';
import { newGuid } from '../../../shared/protocol/guid.ts';
import { createAuthority } from '../../../workers/authority/app.ts';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { AuthorityClient, createAdministered, type Registered } from '../../support/authority.ts';
import { Device } from '../../support/device.ts';
import { randomNonce } from '../../support/raw-signing.ts';

const PAGE_BYTES = 8192;
/** With room for many credentials of one owner. */
const authority = new AuthorityClient(createAdministered({ ...authorityFromSettings(env), credentialsPerOwner: 1000 }));
let count = 0;
let owner = '';
beforeEach(() => {
  owner = `listing ${count++}`;
});
afterEach(() => {
  vi.useRealTimers();
});

const isValid = async (registered: Pick<Registered, 'guid'>) => (await authority.validate(registered)) === 200;
const idOf = async (registered: Registered): Promise<string> => {
  const own = (await authority.list(registered)).credentials.find(({ current }) => current);
  return own?.id ?? expect.unreachable();
};

describe('an owner lists', () => {
  test('the own credentials, the latest first, and no others', async () => {
    const phone = await authority.register(owner, await Device.create('P-256', 'phone'));
    const laptop = await authority.register(owner, await Device.create('RSA-2048', 'laptop'));
    await authority.register(`${owner} too`);
    await authority.send(`/admin/credentials/${phone.guid}`, { method: 'DELETE' });
    const { credentials, next, nonce } = await authority.list(laptop);
    const today = new Date().toISOString().slice(0, 10);
    expect(credentials).toEqual([
      {
        id: expect.stringMatching(/^[A-Za-z0-9_-]{16}$/),
        device: 'CN=laptop',
        keyType: 'RSA-2048',
        registeredAt: expect.any(String),
        endsAt: expect.any(String),
        lastUsedOn: today,
        revokedAt: null,
        current: true,
      },
      expect.objectContaining({ device: 'CN=phone', revokedAt: expect.any(String), current: false }),
    ]);
    expect([next, nonce]).toEqual([null, expect.any(String)]);
    const [own] = credentials;
    const lifetime = Date.parse(own?.endsAt ?? '') - Date.parse(own?.registeredAt ?? '');
    expect(lifetime).toBe(Number(env.CREDENTIAL_LIFETIME_DAYS) * 24 * 60 * 60 * 1000);
    // The same each time, and nothing of the GUID.
    expect((await authority.list(laptop)).credentials.map(({ id }) => id)).toEqual(credentials.map(({ id }) => id));
  });

  test('with the nonce of the request', async () => {
    const phone = await authority.register(owner);
    const nonce = randomNonce();
    const answer = await phone.device.open(await (await authority.askList(phone.guid, '', nonce)).text());
    expect(JSON.parse(answer)).toMatchObject({ nonce });
  });

  test('in pages of twenty, and each has the same length', async () => {
    const devices = await Promise.all(Array.from({ length: 43 }, (_, at) => Device.create('P-256', `device ${at}`)));
    const registered: Registered[] = [];
    for (const device of devices) registered.push(await authority.register(owner, device));
    const [last = expect.unreachable()] = registered.slice(-1);
    const sizes: number[] = [];
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await authority.askList(last.guid, cursor === null ? '' : `?cursor=${cursor}`);
      const content = await last.device.open(await answer.text());
      expect(new TextEncoder().encode(content)).toHaveLength(PAGE_BYTES);
      const page = JSON.parse(content);
      sizes.push(page.credentials.length);
      seen.push(...page.credentials.map(({ device }: { device: string }) => device));
      cursor = page.next;
    } while (cursor !== null);
    expect(sizes).toEqual([20, 20, 3]);
    expect(seen).toEqual(devices.map((_, at) => `CN=device ${at}`).reverse());
    for (const bad of ['x', '1.2', "'", '%00']) {
      expect(await authority.list(last, `?cursor=${bad}`)).toMatchObject({ credentials: [], next: null });
    }
  });

  test('with as many on a page as fit, where devices have long names', async () => {
    // Each character takes four bytes of the list.
    const devices = await Promise.all([1, 2, 3].map((at) => Device.create('P-256', `${at}${'"'.repeat(990)}`)));
    const [first = expect.unreachable()] = await Promise.all(devices.map((each) => authority.register(owner, each)));
    const page = await authority.list(first);
    expect(page.credentials).toHaveLength(1);
    const second = await authority.list(first, `?cursor=${page.next}`);
    const third = await authority.list(first, `?cursor=${second.next}`);
    expect([second.credentials.length, third.credentials.length, third.next]).toEqual([1, 1, null]);
  });

  test('a credential from before there were lists, which is on the list from then on', async () => {
    const phone = await authority.register(owner);
    const [bindings] = [env as unknown as { OWNERS: DurableObjectNamespace; SHARDS: DurableObjectNamespace }];
    await forgetList(bindings, owner, phone.guid);
    const { credentials } = await authority.list(phone);
    expect(credentials).toEqual([expect.objectContaining({ current: true })]);
    const laptop = await authority.register(owner);
    await vi.waitFor(async () => expect((await authority.list(laptop)).credentials).toHaveLength(2));
  });
});

/** Makes of a credential one of version 0.1: its row knows of no list, and the list nothing of it. */
async function forgetList(
  { OWNERS, SHARDS }: { OWNERS: DurableObjectNamespace; SHARDS: DurableObjectNamespace },
  name: string,
  guid: string,
): Promise<void> {
  await runInDurableObject(OWNERS.getByName(name), (_, { storage }) => void storage.sql.exec('DELETE FROM entries'));
  for (let number = 0; number < 64; number++) {
    await runInDurableObject(SHARDS.getByName(`shard-${number}`), (_, { storage }) => {
      storage.sql.exec('UPDATE credentials SET owned = 0 WHERE guid = ?', guid);
    });
  }
}

test('the daily sweep tells the credentials of before to the lists of their owners', async () => {
  const bindings = env as unknown as { OWNERS: DurableObjectNamespace; SHARDS: DurableObjectNamespace };
  const swept = createAuthority(authorityFromSettings(env));
  const [phone, laptop] = [await authority.register(owner), await authority.register(owner)];
  for (const { guid } of [phone, laptop]) await forgetList(bindings, owner, guid);
  await swept.scheduled();
  const { credentials } = await authority.list(phone);
  expect(credentials.map(({ current }) => current).sort()).toEqual([false, true]);
});

describe('a list for a GUID that is not valid', () => {
  test('has the form of one, and opens with no key', async () => {
    const phone = await authority.register(owner);
    const revoked = await authority.register(owner);
    await authority.send(`/admin/credentials/${revoked.guid}`, { method: 'DELETE' });
    const real = await authority.askList(phone.guid);
    const length = (await real.text()).length;
    for (const guid of [revoked.guid, newGuid(), 'x', '']) {
      const decoy = await authority.askList(guid);
      expect(decoy.status).toBe(200);
      expect([...decoy.headers.keys()]).toEqual([...real.headers.keys()]);
      const text = await decoy.text();
      await expect(revoked.device.open(text)).rejects.toThrow(OpenError);
      await expect(phone.device.open(text)).rejects.toThrow(OpenError);
      if (guid === revoked.guid) expect(text).toHaveLength(length);
    }
  });

  test('leaves no list behind', async () => {
    const { OWNERS } = env as unknown as { OWNERS: DurableObjectNamespace };
    await authority.askList(newGuid());
    const tables = await runInDurableObject(OWNERS.getByName(''), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'entries'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe('an owner revokes', () => {
  test('another credential, which is known at once', async () => {
    const [phone, laptop] = [await authority.register(owner), await authority.register(owner)];
    const id = await idOf(phone);
    expect(await authority.revoke(laptop, id)).toEqual({ revoked: 1, nonce: expect.any(String) });
    expect([await isValid(phone), await isValid(laptop)]).toEqual([false, true]);
    expect(await authority.revoke(laptop, id)).toMatchObject({ revoked: 0 });
  });

  test('the own credential', async () => {
    const phone = await authority.register(owner);
    expect(await authority.revoke(phone, await idOf(phone))).toMatchObject({ revoked: 1 });
    expect(await isValid(phone)).toBe(false);
  });

  test('none of another owner, and none that there is not', async () => {
    const [mine, theirs] = [await authority.register(owner), await authority.register(`${owner} too`)];
    expect(await authority.revoke(mine, await idOf(theirs))).toMatchObject({ revoked: 0 });
    expect(await authority.revoke(mine, 'AAAAAAAAAAAAAAAA')).toMatchObject({ revoked: 0 });
    expect(await isValid(theirs)).toBe(true);
  });

  test('with an answer of the length that all answers have', async () => {
    const phone = await authority.register(owner);
    const answer = await authority.askRevocation(phone, 'AAAAAAAAAAAAAAAA');
    const content = await phone.device.open(await answer.text());
    expect(new TextEncoder().encode(content)).toHaveLength(PAGE_BYTES);
  });

  test('by a proof of identity in place of a GUID', async () => {
    const phone = await authority.register(owner);
    const id = await idOf(phone);
    const revokeAs = (name: string) =>
      authority.send(`/credentials/${id}`, {
        method: 'DELETE',
        headers: { 'CALE-Identity': `cn="${name}", dc="example.com", ou=()` },
      });
    const others = await revokeAs(`${owner} too`);
    expect(others.status).toBe(404);
    expect(await others.json()).toMatchObject({ type: 'urn:cale:problem:not-found' });
    expect(await isValid(phone)).toBe(true);
    const own = await revokeAs(owner);
    expect([own.status, await own.text()]).toEqual([204, '']);
    expect(await isValid(phone)).toBe(false);
  });
});

describe('a revocation is refused, alike for all that is not good:', () => {
  let phone: Registered;
  let laptop: Registered;
  let id: string;
  beforeEach(async () => {
    phone = await authority.register(owner);
    laptop = await authority.register(owner);
    id = await idOf(phone);
  });

  const refusal = async (response: Response) => {
    const { requestId: _, ...problem } = (await response.json()) as { type: string; requestId: string };
    expect([response.status, problem.type]).toEqual([403, 'urn:cale:problem:secondary-proof-required']);
    return { headers: [...response.headers], problem };
  };

  test('a signature by another key, over another URL or method, and of an unknown or revoked GUID', async () => {
    const stranger = await Device.create('P-256', 'phone');
    const gone = await authority.register(owner);
    await authority.send(`/admin/credentials/${gone.guid}`, { method: 'DELETE' });
    const refusals = [
      await refusal(await authority.askRevocation({ device: stranger, guid: laptop.guid }, id)),
      await refusal(await authority.askRevocation({ device: phone.device, guid: laptop.guid }, id)),
      await refusal(await authority.askRevocation({ device: laptop.device, guid: newGuid() }, id)),
      await refusal(await authority.askRevocation({ device: laptop.device, guid: 'x' }, id)),
      await refusal(await authority.askRevocation(gone, id)),
      await refusal(await authority.askRevocation(laptop, id, { 'CALE-Target-URI': 'https://edge.example.com/x' })),
      await refusal(await authority.askRevocation(laptop, id, { signature: 'cale=:AAAA:' })),
      await refusal(await authority.askRevocation(laptop, id, { 'signature-input': 'x' })),
    ];
    for (const each of refusals) expect(each).toEqual(refusals[0]);
    expect(await isValid(phone)).toBe(true);
  });

  test('a nonce that came before, or of another time', async () => {
    const nonce = randomNonce();
    const other = await idOf(await authority.register(owner));
    expect((await authority.askRevocation(laptop, other, { nonce })).status).toBe(200);
    await refusal(await authority.askRevocation(laptop, id, { nonce }));
    await refusal(
      await authority.askRevocation(laptop, id, { nonce: randomNonce(Math.floor(Date.now() / 1000) - 301) }),
    );
    expect(await isValid(phone)).toBe(true);
  });
});

describe('a renewal', () => {
  test('gives a credential of the same owner with the same scopes, and the old one ends with its first use', async () => {
    const device = await Device.create('P-256', 'phone');
    const response = await authority.post(device.csr, owner, '"read" "write"');
    const old = { device, guid: await device.open(await response.text()) };
    const renewed = await authority.renew(old, await Device.create('RSA-2048', 'new phone'));
    expect(renewed.guid).not.toBe(old.guid);
    expect(await isValid(old)).toBe(true);
    expect(await isValid(renewed)).toBe(true);
    await vi.waitFor(async () => expect(await isValid(old)).toBe(false));
    expect(await isValid(renewed)).toBe(true);
    const admin = await authority.send(`/admin/credentials?owner=${encodeURIComponent(owner)}`);
    const { credentials } = (await admin.json()) as { credentials: { guid: string; scopes: string[] }[] };
    expect(credentials.find(({ guid }) => guid === renewed.guid)).toMatchObject({
      owner,
      scopes: ['read', 'write'],
      device: 'CN=new phone',
      revokedAt: null,
    });
  });

  test('leaves the old one good for as long as the new one was not used', async () => {
    const old = await authority.register(owner);
    const renewed = await authority.renew(old);
    for (let i = 0; i < 3; i++) expect(await isValid(old)).toBe(true);
    const whoami = await authority.send('/whoami', {
      headers: { 'CALE-GUID': renewed.guid, Cipher: 'AEAD-AES256-GCM-SHA384' },
    });
    await whoami.arrayBuffer();
    await vi.waitFor(async () => expect(await isValid(old)).toBe(false));
  });

  test('by the same CSR gets the same GUID, also many times at once', async () => {
    const old = await authority.register(owner);
    const device = await Device.create('P-256', 'phone');
    const renewed = await Promise.all(Array.from({ length: 8 }, () => authority.renew(old, device)));
    expect(new Set(renewed.map(({ guid }) => guid)).size).toBe(1);
    expect((await authority.list(old)).credentials).toHaveLength(2);
  });

  test('takes the place of an earlier one that was not used', async () => {
    const old = await authority.register(owner);
    const [first, second] = [await authority.renew(old), await authority.renew(old)];
    expect([await isValid(old), await isValid(first), await isValid(second)]).toEqual([true, false, true]);
  });

  test('takes not the place of one that was used, and is refused then', async () => {
    const old = await authority.register(owner);
    const first = await authority.renew(old);
    expect(await isValid(first)).toBe(true);
    await vi.waitFor(async () => expect(await isValid(old)).toBe(false));
    const { csr } = await Device.create('P-256', 'phone');
    const refused = await authority.postRenewal(old, csr);
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { type: 'urn:cale:problem:secondary-proof-required' },
    ]);
    expect(await isValid(first)).toBe(true);
  });

  test('at once by several keys leaves one of them valid', async () => {
    const old = await authority.register(owner);
    const devices = await Promise.all(Array.from({ length: 6 }, () => Device.create('P-256', 'phone')));
    const responses = await Promise.all(devices.map(({ csr }) => authority.postRenewal(old, csr)));
    const guids: string[] = [];
    for (const [at, response] of responses.entries()) {
      const text = await response.text();
      if (response.status === 200) guids.push((await devices[at]?.open(text)) ?? '');
      else expect(response.status).toBe(403);
    }
    const listed = (await authority.list(old)).credentials.filter(({ revokedAt }) => revokedAt === null);
    expect(listed).toHaveLength(2);
    expect(guids.length).toBeGreaterThanOrEqual(1);
    const valid = await Promise.all(guids.map((guid) => isValid({ guid })));
    expect(valid.filter((each) => each)).toHaveLength(1);
  });

  test('does not outlive the revocation of the old credential, when it was not used', async () => {
    const [old, laptop] = [await authority.register(owner), await authority.register(owner)];
    const renewed = await authority.renew(old);
    expect(await authority.revoke(laptop, await idOf(old))).toMatchObject({ revoked: 1 });
    expect(await isValid(renewed)).toBe(false);
  });

  test('does not outlive a revocation that is answered while it is under way', async () => {
    const laptop = await authority.register(owner);
    for (let round = 0; round < 5; round++) {
      const old = await authority.register(owner);
      const id = await idOf(old);
      const device = await Device.create('P-256', 'phone');
      const [response, revoked] = await Promise.all([
        authority.postRenewal(old, device.csr),
        authority.revoke(laptop, id),
      ]);
      expect(revoked).toMatchObject({ revoked: 1 });
      const text = await response.text();
      if (response.status !== 200) continue;
      expect(await isValid({ guid: await device.open(text) })).toBe(false);
    }
  });

  test('is admitted where the owner has as many credentials as there may be, and a chain of them is no way around', async () => {
    const bounded = new AuthorityClient(createAuthority({ ...authorityFromSettings(env), credentialsPerOwner: 2 }));
    const [one] = [await bounded.register(owner), await bounded.register(owner)];
    let last = one;
    for (let i = 0; i < 4; i++) last = await bounded.renew(last);
    const { credentials } = await bounded.list(last);
    // The other one, the last one, and the one that it renews until the list was asked for.
    expect(credentials.filter(({ revokedAt }) => revokedAt === null).length).toBeLessThanOrEqual(3);
    await vi.waitFor(async () => {
      const left = (await bounded.list(last)).credentials.filter(({ revokedAt }) => revokedAt === null);
      expect(left).toHaveLength(2);
    });
    expect((await bounded.post((await Device.create('P-256', 'phone')).csr, owner)).status).toBe(409);
  });

  test('is refused by an unknown GUID, a wrong signature, and one over another CSR, and stores nothing', async () => {
    const old = await authority.register(owner);
    const stranger = await Device.create('P-256', 'phone');
    const { csr } = await Device.create('P-256', 'phone');
    const answers = [
      await authority.postRenewal({ device: old.device, guid: newGuid() }, csr),
      await authority.postRenewal({ device: stranger, guid: old.guid }, csr),
      await authority.postRenewal(old, csr, { 'content-digest': 'sha-256=:AAAA:' }),
    ];
    const problems = await Promise.all(answers.map(async (each) => [each.status, await each.json()] as const));
    for (const [status, problem] of problems) {
      expect([status, problem]).toEqual([403, Object.assign({}, problems[0]?.[1], { requestId: expect.any(String) })]);
    }
    expect(problems[0]).toMatchObject([403, { type: 'urn:cale:problem:secondary-proof-required' }]);
    expect((await authority.list(old)).credentials).toHaveLength(1);
  });

  test('names the rule that the CSR breaks, to who proved to be the client', async () => {
    const old = await authority.register(owner);
    const { csr } = await Device.create('P-256', 'phone');
    csr[csr.length - 1] = (csr.at(-1) ?? 0) ^ 1;
    const answer = await authority.postRenewal(old, csr);
    expect([answer.status, await answer.json()]).toMatchObject([400, { type: 'urn:cale:problem:csr-bad-signature' }]);
  });

  test('of a credential from before there were lists counts it', async () => {
    const bounded = new AuthorityClient(createAuthority({ ...authorityFromSettings(env), credentialsPerOwner: 1 }));
    const bindings = env as unknown as { OWNERS: DurableObjectNamespace; SHARDS: DurableObjectNamespace };
    const old = await bounded.register(owner);
    await forgetList(bindings, owner, old.guid);
    const renewed = await bounded.renew(old);
    expect(await isValid(renewed)).toBe(true);
    expect((await bounded.post((await Device.create('P-256', 'phone')).csr, owner)).status).toBe(409);
  });
});

test('a succession that failed is settled by the next use, or by the daily sweep', async () => {
  const old = await authority.register(owner);
  const renewed = await authority.renew(old);
  const bindings = env as unknown as { SHARDS: DurableObjectNamespace };
  const useWithoutSettling = async () => {
    for (let number = 0; number < 64; number++) {
      await runInDurableObject(bindings.SHARDS.getByName(`shard-${number}`), (_, { storage }) => {
        storage.sql.exec('UPDATE credentials SET last_used = 0 WHERE guid = ?', renewed.guid);
      });
    }
  };
  await useWithoutSettling();
  expect(await isValid(old)).toBe(true);
  await createAuthority(authorityFromSettings(env)).scheduled();
  expect([await isValid(old), await isValid(renewed)]).toEqual([false, true]);
});
