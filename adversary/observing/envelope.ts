/** The parts of a sealed answer that anyone can read. */

import { parseEnvelopedMessage } from '../../shared/cms/enveloped-data.ts';
import { ECDH } from '../../shared/cms/recipients/ecdh.ts';
import { RSA_OAEP } from '../../shared/cms/recipients/rsa-oaep.ts';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { hex, parseUtf8 } from '../../shared/encoding/bytes.ts';
import { DerReader } from '../../shared/encoding/der/reader.ts';
import { OBJECT_IDENTIFIER } from '../../shared/encoding/der/tag.ts';
import { EncodingError } from '../../shared/encoding/error.ts';

export interface Envelope {
  /** Size of the DER in bytes. */
  readonly length: number;
  /** Tags and OIDs of all elements, as they are nested. */
  readonly structure: string;
  /** Sizes of all elements that hold no others, in bytes. */
  readonly lengths: readonly number[];
  /** Such as `RSA-2048`, or `EC` with the size of its point. */
  readonly keyType: string;
  /** In hex. */
  readonly keyIdentifier: string;
  readonly encryptedKey: Uint8Array<ArrayBuffer>;
  /** The ephemeral point; undefined for RSA. */
  readonly point: Uint8Array<ArrayBuffer> | undefined;
  readonly contentLength: number;
}

/** @returns undefined when the body is no sealed answer, in DER or in base64. */
export function tryParseEnvelope(body: Uint8Array<ArrayBuffer>): Envelope | undefined {
  try {
    // DER begins with the tag of a SEQUENCE, which is a digit in ASCII, and its length, which is no letter.
    const isBinary = body[0] === 0x30 && ((body[1] ?? 0) & 0x80) !== 0;
    return parseEnvelope(isBinary ? body : parseBase64(parseUtf8(body)));
  } catch (error) {
    if (error instanceof EncodingError) return undefined;
    throw error;
  }
}

function parseEnvelope(der: Uint8Array<ArrayBuffer>): Envelope {
  const { recipientInfos, encrypted } = parseEnvelopedMessage(der);
  const [info] = recipientInfos;
  if (info === undefined) throw new EncodingError('there is no recipient');
  const lengths: number[] = [];
  const structure = describe(new DerReader(der), lengths);
  const common = { length: der.length, structure, lengths, contentLength: encrypted.ciphertext.length };
  if (info.tag === RSA_OAEP.tag) {
    const { keyIdentifier = new Uint8Array(0), encryptedKey } = RSA_OAEP.parse(info);
    const keyType = `RSA-${encryptedKey.length * 8}`;
    return { ...common, keyType, keyIdentifier: hex(keyIdentifier), encryptedKey, point: undefined };
  }
  // The curves differ in the size of their points, and are parsed alike.
  const [type] = ECDH;
  if (type === undefined || info.tag !== type.tag) throw new EncodingError('the recipient is of another type');
  const { keyIdentifier = new Uint8Array(0), encryptedKey, originatorPoint: point } = type.parse(info);
  return { ...common, keyType: `EC-${point.length}`, keyIdentifier: hex(keyIdentifier), encryptedKey, point };
}

function describe(reader: DerReader, lengths: number[]): string {
  let text = '';
  while (!reader.done) {
    const element = reader.next();
    text += element.tag.toString(16);
    if (element.isConstructed) text += `(${describe(element.enter(), lengths)})`;
    else {
      lengths.push(element.content.length);
      text += element.tag === OBJECT_IDENTIFIER ? `=${hex(element.content)} ` : ' ';
    }
  }
  return text;
}
