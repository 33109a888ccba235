/** Identifier bytes of DER (X.690 8.1.2), by the names of their ASN.1 types. */

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const UTF8_STRING = 0x0c;
export const NUMERIC_STRING = 0x12;
export const PRINTABLE_STRING = 0x13;
export const TELETEX_STRING = 0x14;
export const IA5_STRING = 0x16;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const VISIBLE_STRING = 0x1a;
export const BMP_STRING = 0x1e;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** Bit of an identifier byte: the element holds other elements. */
export const CONSTRUCTED = 0x20;
/** Bits of the tag's number; all of them set announce a tag of more than one byte. */
export const TAG_NUMBER = 0x1f;
/** Bits of the tag's class; none of them set is the universal class. */
export const TAG_CLASS = 0xc0;

const CONTEXT_SPECIFIC = 0x80;

/** [number] around other elements: an EXPLICIT tag, or an IMPLICIT one on a constructed type. */
export const contextTag = (number: number): number => CONTEXT_SPECIFIC | CONSTRUCTED | number;

/** [number] IMPLICIT on a primitive type. */
export const implicitTag = (number: number): number => CONTEXT_SPECIFIC | number;
