/** The network of a client, as far as an address can tell. */

export interface Network {
  /** An IPv4 address; the first 64 bits of an IPv6 address; of what is neither, the text. */
  readonly name: string;
  /** The first 48 bits of an IPv6 address; undefined for all others. */
  readonly site: string | undefined;
}

const HEXTETS = 8;
/** A client on IPv6 has a /64 to itself, and any address in it; a site has a /48 or less (RFC 6177). */
const NETWORK_HEXTETS = 4;
const SITE_HEXTETS = 3;

const HEXTET = /^[0-9a-f]{1,4}$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
/** Prefixes of 96 bits, in front of an IPv4 address: IPv4-mapped (RFC 4291 2.5.5.2) and NAT64 (RFC 6052 2.1). */
const AROUND_IPV4 = ['0:0:0:0:0:ffff:', '64:ff9b:0:0:0:0:'];

/** @returns the network of an address, the same for each way of writing it, with white space around it or not. */
export function networkOf(address: string): Network {
  const text = address.trim().toLowerCase();
  const hextets = tryParseHextets(text);
  if (hextets === undefined) return { name: text, site: undefined };
  const whole = hextets.join(':');
  if (AROUND_IPV4.some((prefix) => whole.startsWith(prefix))) return { name: ipv4Of(hextets), site: undefined };
  return { name: firstOf(hextets, NETWORK_HEXTETS), site: firstOf(hextets, SITE_HEXTETS) };
}

const firstOf = (hextets: readonly string[], count: number): string => hextets.slice(0, count).join(':');

/** @returns the eight parts of an IPv6 address (RFC 4291 2.2) without zeros in front, or undefined. */
function tryParseHextets(text: string): string[] | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (!text.includes(':') || more.length > 0) return undefined;
  const [before, after] = [partsOf(head), partsOf(tail ?? '')];
  const zeros = HEXTETS - before.length - after.length;
  if (tail === undefined ? zeros !== 0 : zeros < 1) return undefined;
  const hextets = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return hextets.every((hextet) => HEXTET.test(hextet)) ? hextets.map(withoutZeros) : undefined;
}

const withoutZeros = (hextet: string): string => hextet.replace(/^0+(?=.)/, '');

/** @returns the parts between colons; an IPv4 address at the end becomes two of them. */
function partsOf(side: string): string[] {
  if (side === '') return [];
  const parts = side.split(':');
  const last = parts.at(-1) ?? '';
  if (!IPV4.test(last)) return parts;
  const [a = 0, b = 0, c = 0, d = 0] = last.split('.').map(Number);
  return [...parts.slice(0, -1), (a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

/** @returns the IPv4 address in the last two parts. */
function ipv4Of(hextets: readonly string[]): string {
  const [high = 0, low = 0] = hextets.slice(-2).map((hextet) => Number.parseInt(hextet, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
