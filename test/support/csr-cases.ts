/** CSRs whose signed part is good, and whose signature is one, with something else not as it has to be. */

import { DerReader } from '../../shared/encoding/der/reader.ts';
import { BIT_STRING, INTEGER } from '../../shared/encoding/der/tag.ts';
import { element, encode, NULL, objectIdentifier, sequence, smallInteger } from '../../shared/encoding/der/writer.ts';
import type { CsrFault } from '../../workers/authority/registration/csr-rules.ts';
import {
  type CsrParts,
  encodeInfo,
  joinCsr,
  signCsr,
  splitCsr,
  withIndefiniteLength,
  withLongLength,
  withMore,
} from './csr.ts';
import { createKey, type TestKey } from './keys.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface CsrCase {
  readonly name: string;
  readonly der: Bytes;
  readonly fault: CsrFault;
}

const ZERO = Uint8Array.of(0);
const bits = (unused: number, content: Uint8Array): Bytes =>
  encode(element(BIT_STRING, Uint8Array.of(unused), content));

/** r and s of an ECDSA signature, each as the content of its INTEGER. */
function numbersOf(signature: Bytes): [r: Bytes, s: Bytes] {
  const numbers = new DerReader(new DerReader(signature).bitString()).sequence();
  return [numbers.next().content, numbers.next().content];
}

/** A CSR whose r and s both begin with a zero byte for the sign, so that it can be left out. */
async function signWithSignBytes(key: TestKey): Promise<CsrParts> {
  for (;;) {
    const parts = splitCsr(await signCsr(key, encodeInfo(key.spki)));
    if (numbersOf(parts.signature).every(([first]) => first === 0)) return parts;
  }
}

/** Encodings outside of the signed part that no one who writes DER writes. */
export async function createMalformedCsrs(): Promise<CsrCase[]> {
  const ec = await signWithSignBytes(await createKey('P-256'));
  const [r, s] = numbersOf(ec.signature);
  const rsaKey = await createKey('RSA-2048');
  const rsa = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki)));
  const rsaSignature = new DerReader(rsa.signature).bitString();

  const cases: CsrCase[] = [];
  const add = (fault: CsrFault, name: string, der: Bytes): void => void cases.push({ name, der, fault });
  const addEc = (fault: CsrFault, name: string, parts: Partial<CsrParts>) =>
    add(fault, name, joinCsr({ ...ec, ...parts }));
  const addRsa = (fault: CsrFault, name: string, parts: Partial<CsrParts>) =>
    add(fault, name, joinCsr({ ...rsa, ...parts }));
  /** An ECDSA signature of these two contents of INTEGERs, and what is behind them. */
  const ecdsa = (first: Uint8Array, second: Uint8Array, ...more: Uint8Array[]): Bytes =>
    encode(sequence(element(INTEGER, first), element(INTEGER, second), ...more));

  const whole = joinCsr(ec);
  add('csr-malformed', 'a length of the whole in a byte too many', withLongLength(whole));
  add('csr-malformed', 'an indefinite length of the whole', withIndefiniteLength(whole));
  add('csr-malformed', 'an element behind the signature', withMore(whole, NULL));
  add('csr-malformed', 'a zero byte behind the signature', withMore(whole, ZERO));
  add('csr-trailing-bytes', 'a byte behind the whole', Uint8Array.from([...whole, 0]));
  add('csr-trailing-bytes', 'a second request behind the whole', Uint8Array.from([...whole, ...whole]));

  addEc('csr-malformed', 'a length of the algorithm in a byte too many', { algorithm: withLongLength(ec.algorithm) });
  addEc('csr-malformed', 'an indefinite length of the algorithm', { algorithm: withIndefiniteLength(ec.algorithm) });
  addEc('csr-unsupported-signature', 'a curve as parameters of ECDSA', {
    algorithm: withMore(ec.algorithm, objectIdentifier('1.2.840.10045.3.1.7')),
  });
  addEc('csr-unsupported-signature', 'two NULLs as parameters of ECDSA', {
    algorithm: withMore(withMore(ec.algorithm, NULL), NULL),
  });
  addEc('csr-malformed', 'an algorithm whose OID has a needless byte', {
    algorithm: encode(sequence(element(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x80, 0x02)))),
  });
  addRsa('csr-unsupported-signature', 'a NULL with content as parameters', {
    algorithm: encode(sequence(objectIdentifier('1.2.840.113549.1.1.11'), Uint8Array.of(5, 1, 0))),
  });
  addRsa('csr-unsupported-signature', 'an INTEGER as parameters of RSASSA-PKCS1-v1_5', {
    algorithm: encode(sequence(objectIdentifier('1.2.840.113549.1.1.11'), smallInteger(0))),
  });

  addEc('csr-malformed', 'a length of the signature in a byte too many', { signature: withLongLength(ec.signature) });
  addEc('csr-malformed', 'a signature with unused bits', { signature: bits(4, ecdsa(r, s)) });
  addEc('csr-malformed', 'a signature with more unused bits than there are', { signature: bits(8, ecdsa(r, s)) });
  addEc('csr-malformed', 'a signature in pieces', {
    signature: encode(element(0x23, bits(0, ecdsa(r, s)))),
  });
  addEc('csr-malformed', 'a signature that is an OCTET STRING', { signature: encode(element(0x04, ecdsa(r, s))) });

  const bad = (name: string, signature: Bytes) => addEc('csr-bad-signature', name, { signature: bits(0, signature) });
  bad('an r with a needless zero byte', ecdsa(Uint8Array.from([0, ...r]), s));
  bad('an s with a needless zero byte', ecdsa(r, Uint8Array.from([0, ...s])));
  bad('an r without the byte of its sign', ecdsa(r.subarray(1), s));
  bad('an s without the byte of its sign', ecdsa(r, s.subarray(1)));
  bad('an r that is longer than the curve', ecdsa(Uint8Array.from([1, ...r]), s));
  bad('an empty r', ecdsa(new Uint8Array(0), s));
  bad('an r of zero', ecdsa(ZERO, s));
  bad('an s of zero', ecdsa(r, ZERO));
  bad('a third number', ecdsa(r, s, smallInteger(1)));
  bad('only one number', encode(sequence(element(INTEGER, r))));
  bad('a byte behind r and s', Uint8Array.from([...ecdsa(r, s), 0]));
  bad('a length of r and s in a byte too many', withLongLength(ecdsa(r, s)));
  bad('an indefinite length of r and s', withIndefiniteLength(ecdsa(r, s)));
  bad('a SET of r and s', encode(element(0x31, element(INTEGER, r), element(INTEGER, s))));
  bad('r and s as WebCrypto has them', Uint8Array.from([...r.subarray(1), ...s.subarray(1)]));

  addRsa('csr-bad-signature', 'an RSA signature with a zero byte before it', {
    signature: bits(0, Uint8Array.from([0, ...rsaSignature])),
  });
  addRsa('csr-bad-signature', 'an RSA signature with a zero byte behind it', {
    signature: bits(0, Uint8Array.from([...rsaSignature, 0])),
  });
  addRsa('csr-bad-signature', 'an RSA signature without its last byte', {
    signature: bits(0, rsaSignature.subarray(0, -1)),
  });
  addRsa('csr-bad-signature', 'an empty RSA signature', { signature: bits(0, new Uint8Array(0)) });
  return cases;
}
