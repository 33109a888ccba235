import { describe, expect, test } from 'vitest';
import { publicLocation } from '../../../../workers/gateway/location.ts';
import { upstreamUrl } from '../../../../workers/gateway/request.ts';
import { findUpstream } from '../../../../workers/gateway/upstreams.ts';

const UPSTREAMS = ['/orders/admin', '/orders', '/'].map((prefix) => ({ prefix }));

/** The prefix of the API that a path goes to; or the fault. */
function prefixOf(path: string, upstreams: readonly { readonly prefix: string }[] = UPSTREAMS): string {
  // A path of a request has been through a URL.
  const found = findUpstream(upstreams, new URL(`https://api.example.com${path}`).pathname);
  return found.ok ? found.value.prefix : found.fault;
}

describe('the longest prefix wins, by whole segments:', () => {
  test.each([
    ['/', '/'],
    ['/orders', '/orders'],
    ['/orders/', '/orders'],
    ['/orders/1', '/orders'],
    ['/orders1', '/'],
    ['/orders-admin', '/'],
    ['/orders/admin', '/orders/admin'],
    ['/orders/admin/x', '/orders/admin'],
    ['/orders/administrator', '/orders'],
    ['/a/orders', '/'],
    ['/orders/../x', '/'],
    ['/orders/%2e%2e/x', '/'],
    ['/x/../orders/1', '/orders'],
  ])('%s goes to %s', (path, prefix) => {
    expect(prefixOf(path)).toBe(prefix);
  });

  test('without an entry for / other paths go nowhere', () => {
    expect(prefixOf('/x', [{ prefix: '/orders' }])).toBe('no-upstream');
    expect(prefixOf('/orders/x', [{ prefix: '/orders' }])).toBe('/orders');
  });
});

describe('a path that servers read in more than one way is not accepted when that makes a difference:', () => {
  test.each([
    '/orders%2fadmin/x',
    '/orders%2Fadmin',
    '/orders%5cadmin',
    '/orders/%61dmin/x',
    '/%6frders/1',
    '/orders//admin/x',
    '//orders/1',
    '/orders/ADMIN/x',
    '/Orders/1',
    '/orders/admin;v=1/x',
    '/orders;a/admin',
    '/orders/admin%3bv/x',
    '/orders/admin%3fx',
    '/orders/admin%23x',
    '/orders/admin%20/x',
    '/orders/admin./x',
    '/orders/%2561dmin/x',
    '/orders/%252561dmin/x',
  ])('%s', (path) => {
    expect(prefixOf(path)).toBe('path-not-accepted');
  });

  test.each(['/group%2fproject', '/a//b', '/a/B', '/a;v=1', '/a%3fb', '/100%25', '/%C3%A4', '/a.', '/a/...b'])(
    '%s makes none',
    (path) => {
      expect(prefixOf(path)).toBe('/');
    },
  );
});

describe('a path is never accepted with dot segments or control characters, however they are written:', () => {
  test.each([
    '/a/..%2fb',
    '/a%2f..%2fb',
    '/a%2f%2e%2e',
    '/a/%252e%252e/b',
    '/a/%25252e%25252e/b',
    '/a/..;/b',
    '/a/.;x/b',
    '/a/..%3b/b',
    '/a/..%5cb',
    '/a/..%23',
    '/a%00',
    '/a%0d%0ab',
    '/a%7f',
    `/a%${'25'.repeat(8)}2e`,
  ])('%s', (path) => {
    expect(prefixOf(path)).toBe('path-not-accepted');
    expect(prefixOf(path, [{ prefix: '/' }])).toBe('path-not-accepted');
  });
});

const upstream = (url: string, prefix = '/', strip = false) => ({ url: new URL(url), prefix, strip });

describe('the URL at the API', () => {
  test.each([
    ['https://api.example', '/', false, '/a?b', 'https://api.example/a?b'],
    ['https://api.example/v1', '/', false, '/a?b', 'https://api.example/v1/a?b'],
    ['https://api.example/v1/', '/', false, '/', 'https://api.example/v1/'],
    ['https://api.example', '/orders', false, '/orders/1', 'https://api.example/orders/1'],
    ['https://api.example', '/orders', true, '/orders/1', 'https://api.example/1'],
    ['https://api.example', '/orders', true, '/orders', 'https://api.example/'],
    ['https://api.example/v1', '/orders', true, '/orders/1?a=%2f', 'https://api.example/v1/1?a=%2f'],
    ['https://api.example', '/', false, '//evil.example/a', 'https://api.example//evil.example/a'],
    ['https://api.example', '/orders', true, '/orders//evil.example', 'https://api.example//evil.example'],
    ['https://api.example', '/', false, '/@evil.example', 'https://api.example/@evil.example'],
    ['https://api.example:8443', '/', false, '/:80/', 'https://api.example:8443/:80/'],
    ['https://api.example', '/', false, '/a%3fb%23c', 'https://api.example/a%3fb%23c'],
  ])('%s at %s (strip: %s) makes %s into %s', (url, prefix, strip, path, expected) => {
    expect(upstreamUrl(upstream(url, prefix, strip), new URL(`https://edge.example${path}`)).href).toBe(expected);
  });
});

describe('a place at the API', () => {
  const edge = new URL('https://edge.example/orders/a');
  test.each([
    [upstream('https://api.example'), 'https://api.example/b?c#d', 'https://edge.example/b?c#d'],
    [upstream('https://api.example'), 'http://api.example/b', 'https://edge.example/b'],
    [upstream('https://api.example'), '/b', 'https://edge.example/b'],
    [upstream('https://api.example'), 'b', 'https://edge.example/orders/b'],
    [upstream('https://api.example'), '//other.example/b', '//other.example/b'],
    [upstream('https://api.example'), 'https://other.example/b', 'https://other.example/b'],
    [upstream('https://api.example'), 'https://api.example//other.example', 'https://edge.example//other.example'],
    [upstream('https://api.example'), 'https://user:x@api.example/b', 'https://edge.example/b'],
    [upstream('https://api.example'), 'https://edge.example/b', 'https://edge.example/b'],
    [upstream('https://api.example'), 'http://[', 'http://['],
    [upstream('https://api.example', '/orders', true), '/b', 'https://edge.example/orders/b'],
    [upstream('https://api.example', '/orders', true), '/', 'https://edge.example/orders/'],
    [upstream('https://api.example/v1', '/orders', true), '/v1/b', 'https://edge.example/orders/b'],
    [upstream('https://api.example/v1', '/orders', true), '/v1', 'https://edge.example/orders/'],
    [upstream('https://api.example/v1', '/orders', true), '/v2/b', undefined],
    [upstream('https://api.example/v1', '/orders'), '/v1/orders/b', 'https://edge.example/orders/b'],
  ])('%o: %s is %s for the client', (at, value, expected) => {
    expect(publicLocation(at, value, upstreamUrl(at, edge), edge)).toBe(expected);
  });
});
