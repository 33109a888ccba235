/** The network of a client, as far as an address can tell. */

const HEXTETS = 8;
/** A client on IPv6 has a /64 to itself (RFC 6177), and any address in it. */
const NETWORK_HEXTETS = 4;

/** @returns an IPv4 address as it is; of an IPv6 address the first 64 bits, in every way of writing it. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const [before, after] = [head, tail].map((side) => (side === '' ? [] : side.split(':'))) as [string[], string[]];
  const zeros = address.includes('::') ? Math.max(0, HEXTETS - before.length - after.length) : 0;
  const hextets = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return hextets
    .slice(0, NETWORK_HEXTETS)
    .map((hextet) => hextet.replace(/^0+(?=.)/, ''))
    .join(':');
}
