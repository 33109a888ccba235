import { beforeAll, describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../../../scripts/development-secrets.ts';
import { ConfigError } from '../../../../shared/settings.ts';
import { originFromSettings } from '../../../../workers/origin/config.ts';

const RESOURCE = { fetch: () => undefined } as unknown as Fetcher;

let secrets: Record<string, string>;
beforeAll(async () => {
  ({ origin: secrets } = await createDevelopmentSecrets());
});

const settings = (changes: Record<string, string | undefined> = {}) =>
  originFromSettings({ ...secrets, UNSAFE_METHODS: 'signed', RESOURCE, ...changes } as never);

test('good settings are taken', () => {
  expect(settings()).toEqual({
    options: {
      authorities: secrets['AUTHORITY_CERTIFICATES'],
      signing: { key: secrets['ORIGIN_SIGNING_KEY'], certificates: secrets['ORIGIN_SIGNING_CERTIFICATES'] },
      encryption: { key: secrets['ORIGIN_ENCRYPTION_KEY'], certificates: secrets['ORIGIN_ENCRYPTION_CERTIFICATES'] },
      unsafeMethods: 'signed',
      deadlineMs: 25_000,
      decoys: {},
      onRequest: expect.any(Function),
    },
    resourceServer: RESOURCE,
  });
  for (const unsafeMethods of ['refuse', 'allow']) {
    expect(settings({ UNSAFE_METHODS: unsafeMethods }).options).toMatchObject({ unsafeMethods });
  }
});

test('writes are signed where no setting says otherwise', () => {
  expect(settings({ UNSAFE_METHODS: undefined }).options).toMatchObject({ unsafeMethods: 'signed' });
});

test('an origin needs neither of its keys', () => {
  const without = (name: string) => ({ [`${name}_KEY`]: undefined, [`${name}_CERTIFICATES`]: '' });
  const { options } = settings({ ...without('ORIGIN_SIGNING'), ...without('ORIGIN_ENCRYPTION') });
  expect(options).toMatchObject({ signing: undefined, encryption: undefined });
});

describe('a bad setting of the origin is a sentence that names it:', () => {
  test.each([
    [{ AUTHORITY_CERTIFICATES: undefined }, 'AUTHORITY_CERTIFICATES is missing'],
    [{ AUTHORITY_CERTIFICATES: 'hunter2' }, 'AUTHORITY_CERTIFICATES is not usable: '],
    [{ UNSAFE_METHODS: 'yes' }, 'UNSAFE_METHODS must be one of: signed, refuse, allow'],
    [{ RESOURCE: undefined }, 'RESOURCE is missing: bind it'],
    [{ ORIGIN_SIGNING_KEY: undefined }, 'ORIGIN_SIGNING_KEY is missing'],
    [{ ORIGIN_SIGNING_CERTIFICATES: undefined }, 'ORIGIN_SIGNING_CERTIFICATES is missing'],
    [{ ORIGIN_ENCRYPTION_KEY: undefined }, 'ORIGIN_ENCRYPTION_KEY is missing'],
    [{ ORIGIN_ENCRYPTION_CERTIFICATES: undefined }, 'ORIGIN_ENCRYPTION_CERTIFICATES is missing'],
    [{ ORIGIN_SIGNING_KEY: 'hunter2' }, 'ORIGIN_SIGNING_KEY is not usable: '],
    [{ ORIGIN_ENCRYPTION_KEY: 'hunter2' }, 'ORIGIN_ENCRYPTION_KEY is not usable: '],
  ])('%o', (changes, sentence) => {
    expect(() => settings(changes)).toThrow(ConfigError);
    expect(() => settings(changes)).toThrow(sentence);
    expect(() => settings(changes)).toThrow(/^(?!.*hunter2)/);
  });

  test('a key that is given twice', () => {
    const twice = `${secrets['ORIGIN_SIGNING_KEY']}${secrets['ORIGIN_SIGNING_KEY']}`;
    expect(() => settings({ ORIGIN_SIGNING_KEY: twice })).toThrow('ORIGIN_SIGNING_KEY is not usable: it is not one');
  });

  test('certificates that are none', () => {
    expect(() => settings({ ORIGIN_SIGNING_CERTIFICATES: 'hunter2' })).toThrow(ConfigError);
  });
});
