import { describe, expect, test } from 'vitest';
import { faultOfNewIdentity } from '../../../shared/protocol/identity.ts';
import { encodeSubjectAltName, parseSubjectAltName } from '../../../shared/protocol/subject-alt-name.ts';

const named = (owner: string) => ({ owner, organization: 'example.com', scopes: ['read'] });

describe('an owner', () => {
  test.each([
    ['in any script', 'Zoë, 山田 太郎, עדה, علي'],
    ['with spaces and signs', 'alice <alice@example.com> ☺'],
    ['with joiners, which scripts need', 'می\u200cخواهم'],
  ])('%s can be registered', (_, owner) => {
    expect(faultOfNewIdentity(named(owner.normalize('NFC')))).toBeUndefined();
  });

  test.each([
    ['C0', '\u0000\u0009\u000a\u001b'],
    ['DEL and C1', '\u007f\u0080\u0085\u009b\u009f'],
    ['Bidi_Control', '\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069'],
    ['line and paragraph separators', '\u2028\u2029'],
    ['halves of surrogate pairs', '\ud800\udfff'],
  ])('with characters of %s cannot', (_, characters) => {
    for (const character of characters.split('')) {
      expect(faultOfNewIdentity(named(`ali${character}ce`))).toBe('owner-characters');
    }
  });

  test('that is not in NFC cannot', () => {
    expect(faultOfNewIdentity(named('ju\u0308rgen'))).toBe('owner-normalization');
    expect(faultOfNewIdentity(named('jürgen'))).toBeUndefined();
  });

  test.each(['ali\u202ece', 'ali\u009bce', 'ju\u0308rgen'])('%j that was registered before stays one', (owner) => {
    const name = encodeSubjectAltName(named(owner));
    expect(parseSubjectAltName(name)).toEqual(named(owner));
  });
});
