/** Content encryption as CMS names it (RFC 3565, 5084, 8103): one row an algorithm, read by sealing and by opening. */

import type { ContentEncryption } from '../ciphers.ts';
import { CONTENT_ENCRYPTION_OIDS, encodedOid } from '../der/oids.ts';
import { DerError, type DerReader } from '../der/read.ts';
import { encodeAround, octetString, type Part, sequence, smallInteger } from '../der/write.ts';

export interface ContentAlgorithm {
  readonly name: ContentEncryption;
  readonly mode: 'GCM' | 'ChaCha20-Poly1305' | 'CBC';
  readonly keyOctets: 16 | 32;
  /** Octets of the nonce or initialisation vector. */
  readonly nonceOctets: 12 | 16;
  /** Octets of the authentication tag; 0 where there is none. */
  readonly tagOctets: 16 | 0;
}

export const CONTENT_ALGORITHMS: Readonly<Record<ContentEncryption, ContentAlgorithm>> = {
  'AES-128-GCM': { name: 'AES-128-GCM', mode: 'GCM', keyOctets: 16, nonceOctets: 12, tagOctets: 16 },
  'AES-256-GCM': { name: 'AES-256-GCM', mode: 'GCM', keyOctets: 32, nonceOctets: 12, tagOctets: 16 },
  'ChaCha20-Poly1305': {
    name: 'ChaCha20-Poly1305',
    mode: 'ChaCha20-Poly1305',
    keyOctets: 32,
    nonceOctets: 12,
    tagOctets: 16,
  },
  'AES-128-CBC': { name: 'AES-128-CBC', mode: 'CBC', keyOctets: 16, nonceOctets: 16, tagOctets: 0 },
  'AES-256-CBC': { name: 'AES-256-CBC', mode: 'CBC', keyOctets: 32, nonceOctets: 16, tagOctets: 0 },
};

/** What WebCrypto calls the algorithm. It has no ChaCha20-Poly1305: a key for that is carried under a name that it has. */
export const webCryptoName = ({ mode }: ContentAlgorithm): 'AES-CBC' | 'AES-GCM' =>
  mode === 'CBC' ? 'AES-CBC' : 'AES-GCM';

const BY_OID = new Map(
  Object.values(CONTENT_ALGORITHMS).map((algorithm) => [CONTENT_ENCRYPTION_OIDS[algorithm.name], algorithm]),
);
/** DER of the ContentEncryptionAlgorithmIdentifier: what precedes the nonce, and what follows it. */
const AROUND_NONCE: Readonly<Record<ContentEncryption, readonly [Uint8Array, Uint8Array]>> = {
  'AES-128-GCM': around(CONTENT_ALGORITHMS['AES-128-GCM']),
  'AES-256-GCM': around(CONTENT_ALGORITHMS['AES-256-GCM']),
  'ChaCha20-Poly1305': around(CONTENT_ALGORITHMS['ChaCha20-Poly1305']),
  'AES-128-CBC': around(CONTENT_ALGORITHMS['AES-128-CBC']),
  'AES-256-CBC': around(CONTENT_ALGORITHMS['AES-256-CBC']),
};

function around({ name, mode, nonceOctets, tagOctets }: ContentAlgorithm): readonly [Uint8Array, Uint8Array] {
  const nonce = new Uint8Array(nonceOctets);
  const parameters = mode === 'GCM' ? sequence(octetString(nonce), smallInteger(tagOctets)) : octetString(nonce);
  const [before, , after] = encodeAround(sequence(encodedOid(CONTENT_ENCRYPTION_OIDS[name]), parameters), nonce);
  return [before, after];
}

/** ContentEncryptionAlgorithmIdentifier, in parts that follow one another. */
export function encodeContentAlgorithm({ name }: ContentAlgorithm, nonce: Uint8Array): readonly Part[] {
  const [before, after] = AROUND_NONCE[name];
  return [before, nonce, after];
}

/**
 * @param der content of a ContentEncryptionAlgorithmIdentifier.
 * @throws {DerError} unless it is one of the table, with a nonce and a tag of the table's lengths.
 */
export function readContentAlgorithm(der: DerReader): { algorithm: ContentAlgorithm; nonce: Uint8Array<ArrayBuffer> } {
  const algorithm = BY_OID.get(der.objectIdentifier() as (typeof CONTENT_ENCRYPTION_OIDS)[ContentEncryption]);
  if (algorithm === undefined) throw new DerError('content encryption not in the table');
  let nonce: Uint8Array<ArrayBuffer>;
  if (algorithm.mode === 'GCM') {
    const parameters = der.enter(0x30);
    nonce = parameters.expect(0x04).content;
    if (parameters.smallInteger() !== algorithm.tagOctets) throw new DerError('tag of another length');
    parameters.end();
  } else {
    nonce = der.expect(0x04).content;
  }
  der.end();
  if (nonce.length !== algorithm.nonceOctets) throw new DerError('nonce of another length');
  return { algorithm, nonce };
}
