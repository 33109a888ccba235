/** The structure of an encoding as asn1js reads it, for comparison with what a standard prescribes. */

import type { BaseBlock } from 'asn1js';
import {
  BitString,
  Constructed,
  fromBER,
  Integer,
  Null,
  ObjectIdentifier,
  OctetString,
  Sequence,
  Set as SetOf,
} from 'asn1js';

/** OIDs in dotted form, INTEGERs by their value, other primitives by their bytes; what is constructed as a list. */
export type Shape = string | readonly Shape[];

/** @throws when it is not one element of ASN.1 in DER and nothing else. */
export function shapeOf(der: Uint8Array): Shape {
  const { offset, result } = fromBER(der);
  if (offset !== der.length || result.error !== '') throw new Error(`asn1js: ${result.error}`);
  // Written again with definite lengths: the bytes are the same when the lengths were in their shortest form.
  if (!Buffer.from(result.toBER()).equals(der)) throw new Error('asn1js writes it otherwise');
  return shapeOfBlock(result);
}

function shapeOfBlock(block: BaseBlock): Shape {
  if (block instanceof ObjectIdentifier) return block.getValue();
  if (block instanceof Integer) return `INTEGER ${block.toBigInt()}`;
  if (block instanceof Null) return 'NULL';
  if (block instanceof OctetString) return `OCTET STRING of ${block.getValue().byteLength}`;
  if (block instanceof BitString) return `BIT STRING of ${block.valueBlock.valueHexView.length}`;
  if (block instanceof Constructed) return [nameOf(block), ...block.valueBlock.value.map(shapeOfBlock)];
  return `${nameOf(block)} of ${block.valueBeforeDecodeView.length - headerLength(block)}`;
}

function nameOf(block: BaseBlock): string {
  if (block instanceof Sequence) return 'SEQUENCE';
  if (block instanceof SetOf) return 'SET';
  const { tagClass, tagNumber } = block.idBlock;
  return tagClass === 1 ? `UNIVERSAL ${tagNumber}` : `[${tagNumber}]`;
}

const headerLength = (block: BaseBlock): number => block.idBlock.blockLength + block.lenBlock.blockLength;
