/** Distinguished names (RFC 5280 4.1.2.4): their attributes, and their string form (RFC 4514). */

import { hex } from '../bytes.ts';
import { COMMON_NAME, DOMAIN_COMPONENT, ORGANIZATIONAL_UNIT_NAME } from '../der/oids.ts';
import { DerError, readWhole } from '../der/read.ts';

export interface Attribute {
  /** Dotted OID. */
  readonly type: string;
  /** The value's text; undefined when it is of no string type. */
  readonly text: string | undefined;
  /** DER of the value. */
  readonly encoding: Uint8Array;
}

/** RDNs as they are encoded, the most significant first; nearly always of one attribute each. */
export type Name = readonly (readonly Attribute[])[];

/**
 * @param der DER of a Name.
 * @throws {DerError} when it is not one, or a string is not of its type.
 */
export function readName(der: Uint8Array<ArrayBuffer>): Name {
  const rdns: Attribute[][] = [];
  const sequence = readWhole(der, 0x30);
  while (!sequence.done) {
    const set = sequence.enter(0x31);
    const attributes: Attribute[] = [];
    do {
      const attribute = set.enter(0x30);
      const type = attribute.objectIdentifier();
      const value = attribute.next();
      attribute.end();
      attributes.push({ type, text: readText(value.tag, value.content), encoding: value.encoding });
    } while (!set.done);
    rdns.push(attributes);
  }
  return rdns;
}

const decoder = (label: string): TextDecoder => new TextDecoder(label, { fatal: true, ignoreBOM: true });
const UTF8 = decoder('utf-8');

/** How strings are encoded, by their tags; and what beyond its encoding a type holds itself to. */
const STRING_TYPES: Readonly<Record<number, { readonly decoder: TextDecoder; readonly pattern?: RegExp }>> = {
  12: { decoder: UTF8 },
  18: { decoder: UTF8, pattern: /^[0-9 ]*$/ },
  19: { decoder: UTF8, pattern: /^[\x20-\x7e]*$/ },
  20: { decoder: decoder('windows-1252') },
  22: { decoder: UTF8, pattern: /^[\x00-\x7f]*$/ },
  26: { decoder: UTF8, pattern: /^[\x20-\x7e]*$/ },
  30: { decoder: decoder('utf-16be') },
};

function readText(tag: number, content: Uint8Array): string | undefined {
  const type = STRING_TYPES[tag];
  if (type === undefined) return undefined;
  let text: string;
  try {
    text = type.decoder.decode(content);
  } catch {
    throw new DerError('string not in its encoding');
  }
  if (type.pattern?.test(text) === false) throw new DerError('string outside its character set');
  return text;
}

const SHORT_NAMES: Record<string, string> = {
  [COMMON_NAME]: 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  [ORGANIZATIONAL_UNIT_NAME]: 'OU',
  [DOMAIN_COMPONENT]: 'DC',
  '0.9.2342.19200300.100.1.1': 'UID',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/** The name as RFC 4514 writes it: the last RDN first, special characters escaped. */
export function formatName(name: Name): string {
  return name
    .toReversed()
    .map((rdn) => rdn.map(formatAttribute).join('+'))
    .join(',');
}

function formatAttribute({ type, text, encoding }: Attribute): string {
  const shortName = SHORT_NAMES[type];
  if (shortName === undefined || text === undefined) return `${shortName ?? type}=#${hex(encoding)}`;
  const escaped = text
    .replace(/[\\",+;<>=]/g, '\\$&')
    .replace(/^[ #]| $/g, '\\$&')
    .replace(/[\x00-\x1f\x7f]/g, (control) => `\\${hex(Uint8Array.of(control.charCodeAt(0)))}`);
  return `${shortName}=${escaped}`;
}
