import { expect, test } from 'vitest';
import { networkOf } from '../../../../workers/edge/network.ts';

test.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2', '2001:db8:1'],
  ['2001:db8:1:2::9', '2001:db8:1:2', '2001:db8:1'],
  [' 2001:DB8:0001:0002::9 ', '2001:db8:1:2', '2001:db8:1'],
  ['2001:db8::1', '2001:db8:0:0', '2001:db8:0'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1', '2001:db8:0'],
  ['2001:db8:1:2::192.0.2.1', '2001:db8:1:2', '2001:db8:1'],
  ['::1', '0:0:0:0', '0:0:0'],
  // As NAT64, but not with its prefix.
  ['64:ff9b:1::c000:201', '64:ff9b:1:0', '64:ff9b:1'],
])('%s is of the network %s at the site %s', (address, name, site) => {
  expect(networkOf(address)).toEqual({ name, site });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  [' 192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:0201', '192.0.2.1'],
  ['0:0:0:0:0:FFFF:192.0.2.1', '192.0.2.1'],
  ['64:ff9b::192.0.2.33', '192.0.2.33'],
  ['0064:ff9b::c000:221', '192.0.2.33'],
])('%s is the IPv4 address %s, of no site', (address, name) => {
  expect(networkOf(address)).toEqual({ name, site: undefined });
});

test.each(['', 'unknown', '2001:db8::1::2', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', 'fe80::1%eth0', '192.0.2.1:4711'])(
  '%j is no address, and stands for itself',
  (text) => {
    expect(networkOf(text)).toEqual({ name: text, site: undefined });
  },
);
