import { expect, test } from 'vitest';
import { endToEndHeaders, endToEndLines, wantsBinaryHttp } from '../../../shared/protocol/headers.ts';

test('header fields that end at a hop are not handed on, nor those that Connection names', () => {
  const headers = new Headers({
    Connection: 'close, X-Private, not a name',
    'Keep-Alive': '5',
    TE: 'trailers',
    Upgrade: 'websocket',
    'X-Private': '1',
    'X-Public': '1',
  });
  expect([...endToEndHeaders(headers).keys()]).toEqual(['x-public']);
  expect(endToEndLines(headers)).toEqual([['x-public', '1']]);
  expect(headers.has('X-Private')).toBe(true);
});

test('Connection names no field of the protocol away: known and unknown GUIDs would be told apart by it', () => {
  const headers = new Headers({ Connection: 'CALE-Nonce, cale-accept', 'CALE-Nonce': 'x', 'CALE-Accept': 'y' });
  const kept = [
    ['cale-accept', 'y'],
    ['cale-nonce', 'x'],
  ];
  expect([...endToEndHeaders(headers)]).toEqual(kept);
  expect(endToEndLines(headers)).toEqual(kept);
});

test.each([
  [null, false],
  ['', false],
  ['text/html', false],
  ['message/bhttp', true],
  [' Message/BHTTP ', true],
])('CALE-Accept: %j asks for Binary HTTP: %s', (value, expected) => {
  expect(wantsBinaryHttp(value)).toBe(expected);
});
