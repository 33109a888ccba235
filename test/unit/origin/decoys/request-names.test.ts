import { describe, expect, test } from 'vitest';
import { namesOf, shapeOfPath } from '../../../../origin/decoys/request-names.ts';
import type { FieldLines } from '../../../../shared/protocol/http-signature.ts';

const URL_OF_A = 'https://api.example.com/a?b=1';
const namesFor = (method: string, fields: FieldLines = []) => namesOf({ method, targetUri: URL_OF_A, fields }, '/a');

describe('a request', () => {
  test('goes by its method and route, and by all that an application chooses an answer by', () => {
    const plain = namesFor('GET');
    expect(plain.route).toBe('GET /a');
    expect(namesFor('POST').route).toBe('POST /a');
    expect(plain.requests).toHaveLength(1);
    const { route, requests } = namesFor('GET', [['accept', 'text/html']]);
    expect(route).toBe('GET /a');
    expect(requests).toEqual([expect.not.stringMatching(`^${plain.requests[0]}$`), ...plain.requests]);
    expect(namesFor('GET', [['user-agent', 'x']])).toEqual(plain);
    expect(namesFor('GET', [['accept', '*/*']])).toEqual(plain);
  });

  test('is not told by the names of its URL', () => {
    expect(namesFor('GET').requests.join()).not.toContain('api.example.com');
  });

  test('of HEAD goes by the names of GET', () => {
    expect(namesFor('HEAD')).toEqual(namesFor('GET'));
  });
});

test.each([
  ['/', '/'],
  ['/accounts', '/accounts'],
  ['/accounts/17', '/accounts/:data'],
  ['/accounts/8a664edc-dd84-43ad-a230-ea68cfac4764/notes', '/accounts/:data/notes'],
  ['/users/j%C3%BCrgen', '/users/:data'],
  [`/files/${'a'.repeat(33)}`, '/files/:data'],
  ['/a/b/c/d/e/f/g/h/i', '/a/b/c/d/e/f/g/h'],
])('the path %s has the shape %s', (path, shape) => {
  expect(shapeOfPath(new Request(`https://api.example.com${path}?x=1`))).toBe(shape);
});
