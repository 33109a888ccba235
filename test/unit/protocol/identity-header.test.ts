import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultOfNewIdentity, type Identity } from '../../../shared/protocol/identity.ts';
import { encodeIdentityHeader, tryParseIdentityHeader } from '../../../shared/protocol/identity-header.ts';

describe('CALE-Identity', () => {
  test('says who it is as a dictionary', () => {
    const identity = { owner: 'alice', organization: 'example.com', scopes: ['read', 'write'] };
    expect(encodeIdentityHeader(identity)).toBe('cn="alice", dc="example.com", ou=("read" "write")');
  });

  test('is read back for owners in any script', () => {
    const owner = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((owner) => faultOfNewIdentity({ owner, organization: 'example.com', scopes: [] }) === undefined);
    const scopes = fc.array(fc.stringMatching(/^[!#-[\]-~]{1,20}$/), { maxLength: 5 });
    fc.assert(
      fc.property(owner, scopes, (owner, scopes) => {
        const identity: Identity = { owner, organization: 'example.com', scopes };
        expect(tryParseIdentityHeader(encodeIdentityHeader(identity))).toEqual(identity);
      }),
    );
  });

  test.each([
    '',
    'cn="alice"',
    'cn="", dc="example.com", ou=()',
    'cn=%"ali%e2%80%aece", dc="example.com", ou=()',
    'cn="alice", dc="not a domain", ou=()',
    'cn="alice", dc="example.com", ou=("two words")',
    'cn=1, dc="example.com", ou=()',
    'cn="alice", dc="example.com", ou=(1)',
    'cn="alice", dc="example.com", ou="read"',
  ])('is refused as %j', (value) => {
    expect(tryParseIdentityHeader(value)).toBeUndefined();
  });
});
