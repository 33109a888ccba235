import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { createAuthority } from '../../../../workers/authority/app.ts';
import { placedNamespace } from '../../../../workers/authority/placed-namespace.ts';
import { authorityFromSettings } from '../../../../workers/authority/settings.ts';

const namespace = env.SHARDS;

test('without a place the namespace is as it is', () => {
  expect(placedNamespace(namespace, { location: undefined, jurisdiction: undefined })).toBe(namespace);
});

test('with a region each object is asked for with it as a hint, by the same id', async () => {
  const asked: unknown[] = [];
  const watched = new Proxy(namespace, {
    get: (target, name) =>
      name === 'get' ? (...given: unknown[]) => asked.push(given) : Reflect.get(target, name).bind(target),
  });
  const placed = placedNamespace(watched, { location: 'weur', jurisdiction: undefined });
  const id = placed.idFromName('shard-0');
  expect(id.equals(namespace.idFromName('shard-0'))).toBe(true);
  placed.get(id);
  expect(asked).toEqual([[id, { locationHint: 'weur' }]]);
});

test('an authority with a region finds what one without it stored', async () => {
  const plain = createAuthority(authorityFromSettings(env));
  const placed = createAuthority({ ...authorityFromSettings(env), location: 'apac' });
  const headers = { 'CALE-GUID': crypto.randomUUID() };
  for (const authority of [plain, placed]) {
    const answer = await authority.fetch(new Request('https://authority/validate', { headers }));
    expect([answer.status, answer.headers.has('CALE-PEM')]).toEqual([403, true]);
  }
});

test('with a jurisdiction it goes by the namespace of that one; where the platform has none, the setting is named', () => {
  const within = { idFromName: () => 'an id' };
  const asked: string[] = [];
  const stub = { jurisdiction: (name: string) => asked.push(name) && within } as unknown as typeof namespace;
  expect(placedNamespace(stub, { location: undefined, jurisdiction: 'eu' })).toBe(within);
  expect(asked).toEqual(['eu']);
  expect(() => createAuthority({ ...authorityFromSettings(env), jurisdiction: 'eu' })).toThrow(
    'jurisdiction is not usable: Jurisdiction restrictions are not implemented in workerd.',
  );
});
