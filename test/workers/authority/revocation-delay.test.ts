import { env, reset } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { authorityFromSettings } from '../../../workers/authority/settings.ts';
import { Administrator } from '../../support/administrator.ts';
import { AuthorityClient, type AuthorityParty, createAdministered } from '../../support/authority.ts';
import { randomNonce } from '../../support/raw-signing.ts';

const HOME = 'digest of a network';
const ELSEWHERE = 'digest of another network';

beforeEach(() => reset());

/** An authority with that setting. */
const deployedWith = (seconds: string): AuthorityParty =>
  createAdministered(authorityFromSettings({ ...env, REVOCATION_DELAY_SECONDS: seconds }));

async function validate(party: AuthorityParty, guid: string, headers: Record<string, string>): Promise<number> {
  const request = new Request('https://authority/validate', { headers: { 'CALE-GUID': guid, ...headers } });
  const response = await party.fetch(request);
  await response.body?.cancel();
  return response.status;
}

const from = (asker: string) => ({ 'CALE-Asker': asker });
const revoke = (party: AuthorityParty, guid: string) => new Administrator(party).send('DELETE', `credentials/${guid}`);

describe('REVOCATION_DELAY_SECONDS', () => {
  test('is none by default: the request after a revocation knows', async () => {
    const party = createAdministered(authorityFromSettings(env));
    const { guid } = await new AuthorityClient(party).register('alice');
    expect(await validate(party, guid, from(HOME))).toBe(200);
    await revoke(party, guid);
    expect(await validate(party, guid, from(HOME))).toBe(403);
  });

  test('is the longest that a revoked credential is taken for a valid one, from a network that has asked', async () => {
    const party = deployedWith('1');
    const { guid } = await new AuthorityClient(party).register('alice');
    expect(await validate(party, guid, from(HOME))).toBe(200);
    await revoke(party, guid);
    expect(await validate(party, guid, from(ELSEWHERE))).toBe(403);
    await vi.waitFor(async () => expect(await validate(party, guid, from(HOME))).toBe(403), { timeout: 5000 });
  });

  test('does not hold for what is admitted once: that always asks the shard', async () => {
    const party = deployedWith('60');
    const client = new AuthorityClient(party);
    const { guid } = await client.register('alice');
    expect(await validate(party, guid, from(HOME))).toBe(200);
    await revoke(party, guid);
    expect(await validate(party, guid, from(HOME))).toBe(200);
    const admission = { ...from(HOME), 'CALE-Nonce': randomNonce(), 'CALE-Admit': '?1' };
    expect(await validate(party, guid, admission)).toBe(403);
  });

  test('is refused above a minute', () => {
    expect(() => deployedWith('61')).toThrow('REVOCATION_DELAY_SECONDS must be a whole number from 0 to 60.');
  });
});
