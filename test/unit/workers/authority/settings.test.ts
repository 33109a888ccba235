import { describe, expect, test } from 'vitest';
import { createDevelopmentSecrets } from '../../../../scripts/development-secrets.ts';
import { ConfigError } from '../../../../shared/settings.ts';
import { createAuthority } from '../../../../workers/authority/app.ts';
import { parseAuthorityOptions } from '../../../../workers/authority/config.ts';
import { authorityFromSettings } from '../../../../workers/authority/settings.ts';

const secrets = await createDevelopmentSecrets();
const certificate = secrets.authority['AUTHORITY_CERTIFICATES'] ?? expect.unreachable();
const AUTHORITY = {
  ...secrets.authority,
  ORGANIZATION: 'example.com',
  CERTIFICATE_LIFETIME_SECONDS: '10',
  AUTHORITY_SHARDS: '64',
  SHARDS: { idFromName: () => ({}), get: () => ({}) },
  OWNERS: { idFromName: () => ({}), get: () => ({}) },
  CATALOGUE: { put: () => undefined },
};

const authority = (changes: Record<string, unknown>) => () => authorityFromSettings({ ...AUTHORITY, ...changes });

test('good settings are taken', () => {
  expect(authority({})()).toMatchObject({ certificateLifetimeSeconds: 10, shardCount: 64 });
  // Issuing certificate and root, twice.
  const twice = `${certificate.trimEnd()}\n${certificate}`;
  expect(authority({ AUTHORITY_CERTIFICATES: twice })().certificates).toBe(twice);
  expect(parseAuthorityOptions(authority({ AUTHORITY_CERTIFICATES: twice })()).anchors).toHaveLength(4);
  expect(authority({ CERTIFICATE_LIFETIME_SECONDS: undefined, AUTHORITY_SHARDS: '' })()).toMatchObject({
    certificateLifetimeSeconds: 10,
    shardCount: 8,
    previousShardCount: 0,
    credentialLifetimeDays: 397,
    credentialsPerOwner: 20,
    storageDeadlineMs: 5000,
  });
  const layoutOf = (changes: Record<string, string>) => parseAuthorityOptions(authority(changes)()).layout;
  expect(layoutOf({ PREVIOUS_AUTHORITY_SHARDS: '', PREVIOUS_SHARD_PLACEMENT: '' }).previous).toBeNull();
  expect(layoutOf({ PREVIOUS_AUTHORITY_SHARDS: '8' })).toEqual({
    count: 64,
    placement: 'hash',
    previous: { count: 8, placement: 'hash' },
  });
  expect(layoutOf({ PREVIOUS_AUTHORITY_SHARDS: '8', PREVIOUS_SHARD_PLACEMENT: 'prefix' }).previous).toEqual({
    count: 8,
    placement: 'prefix',
  });
  expect(authority({ AUTHORITY_LOCATION: 'weur', AUTHORITY_JURISDICTION: '' })()).toMatchObject({
    location: 'weur',
    jurisdiction: undefined,
  });
  const lifetimeOf = (days: string) =>
    parseAuthorityOptions(authority({ CREDENTIAL_LIFETIME_DAYS: days })()).credentialLifetimeDays;
  expect(['0', '1', '3650'].map(lifetimeOf)).toEqual([null, 1, 3650]);
});

describe('a bad setting of the authority is a sentence that names it:', () => {
  test.each([
    [{ AUTHORITY_KEY: undefined }, 'AUTHORITY_KEY is missing'],
    [{ AUTHORITY_KEY: 'x' }, 'AUTHORITY_KEY is not usable: it is not one PRIVATE KEY in PEM (PKCS#8)'],
    [{ AUTHORITY_CERTIFICATES: 'x' }, 'AUTHORITY_CERTIFICATES is not usable: there is no certificate in PEM in it'],
    [
      { AUTHORITY_CERTIFICATES: certificate.trimEnd() + certificate },
      'AUTHORITY_CERTIFICATES is not usable: a PEM block does not begin on a line of its own',
    ],
    [{ CERTIFICATE_LIFETIME_SECONDS: '1' }, 'CERTIFICATE_LIFETIME_SECONDS must be a whole number from 2 to 300'],
    [{ CERTIFICATE_LIFETIME_SECONDS: 'ten' }, 'CERTIFICATE_LIFETIME_SECONDS must be a whole number'],
    [{ CREDENTIAL_LIFETIME_DAYS: '3651' }, 'CREDENTIAL_LIFETIME_DAYS must be a whole number from 0 to 3650'],
    [{ CREDENTIALS_PER_OWNER: '0' }, 'CREDENTIALS_PER_OWNER must be a whole number from 1 to 1000'],
    [{ STORAGE_DEADLINE_MS: '60001' }, 'STORAGE_DEADLINE_MS must be a whole number from 100 to 60000'],
    [{ SHARD_PLACEMENT: 'random' }, 'SHARD_PLACEMENT must be one of: hash, prefix'],
    [{ AUTHORITY_LOCATION: 'europe' }, 'AUTHORITY_LOCATION must be one of: wnam, enam,'],
    [{ AUTHORITY_JURISDICTION: 'EU' }, 'AUTHORITY_JURISDICTION must be one of: eu, fedramp'],
    [{ AUTHORITY_SHARDS: '1.5' }, 'AUTHORITY_SHARDS must be a whole number'],
    [{ PREVIOUS_AUTHORITY_SHARDS: '65537' }, 'PREVIOUS_AUTHORITY_SHARDS must be a whole number from 0 to 65536'],
    [{ PREVIOUS_SHARD_PLACEMENT: 'random' }, 'PREVIOUS_SHARD_PLACEMENT must be one of: hash, prefix'],
    [{ DECOY_SECRET: undefined }, 'DECOY_SECRET is missing'],
    [{ DECOY_SECRET: 'c2hvcnQ=' }, /^DECOY_SECRET is not usable: it has fewer than 32 bytes.$/],
    [{ SHARDS: undefined }, 'SHARDS is missing: bind it'],
    [{ OWNERS: undefined }, 'OWNERS is missing: bind it'],
    [{ CATALOGUE: undefined }, 'CATALOGUE is missing: bind it'],
  ])('%o', (changes, sentence) => {
    expect(authority(changes)).toThrow(ConfigError);
    expect(authority(changes)).toThrow(sentence);
  });
});

test.each([
  [{ certificates: 'x' }, 'certificates is not usable'],
  [{ key: 'x' }, 'key is not usable: it is not one PRIVATE KEY'],
  [{ certificateLifetimeSeconds: 1 }, 'certificateLifetimeSeconds must be a whole number from 2 to 300'],
  [{ credentialLifetimeDays: -1 }, 'credentialLifetimeDays must be a whole number from 0 to 3650'],
  [{ credentialsPerOwner: 1001 }, 'credentialsPerOwner must be a whole number from 1 to 1000'],
  [{ owners: undefined as never }, 'owners is missing: the binding to the class ResourceOwner'],
  [{ shardPlacement: 'random' as never }, 'shardPlacement is not usable: it is not one of: hash, prefix'],
  [{ shardCount: 1.5 }, 'shardCount must be a whole number from 1 to 65536'],
  [{ previousShardCount: -1 }, 'previousShardCount must be a whole number from 0 to 65536'],
  [{ previousShardPlacement: 'prefix' as const }, 'previousShardPlacement is set, and previousShardCount is not.'],
])('so is a bad option of createAuthority: %o', (changes, sentence) => {
  expect(createAuthority(authority({})()).fetch).toBeTypeOf('function');
  expect(() => createAuthority({ ...authority({})(), ...changes })).toThrow(ConfigError);
  expect(() => createAuthority({ ...authority({})(), ...changes })).toThrow(sentence);
});

test('no sentence quotes a secret', () => {
  const attempt = authority({ AUTHORITY_KEY: 'hunter2' });
  expect(attempt).toThrow(ConfigError);
  expect(attempt).toThrow(/^(?!.*hunter2).*is not usable/);
});
