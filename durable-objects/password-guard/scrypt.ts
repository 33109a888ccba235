/** Passwords kept as scrypt (RFC 7914), in the PHC string form `$scrypt$ln=14,r=8,p=5$salt$hash`. */

import { scrypt } from 'node:crypto';
import { parseBase64 } from '../../shared/encoding/base64.ts';
import { EncodingError } from '../../shared/encoding/error.ts';

export interface ScryptHash {
  /** N, a power of two. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** An isolate has 128 MB for all that it does at one time. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** The most that workerd computes: N times r times p. */
const MAX_WORK = 2 ** 20;
const MIN_COST_LOG2 = 14;
const MIN_BYTES = 16;

/** @throws {EncodingError} when it is not such a string, or its cost is below ln=14,r=8 or needs more than 64 MiB. */
export function parseScryptHash(phc: string): ScryptHash {
  const [, ln, r, p, salt, hash] = PHC.exec(phc) ?? [];
  if (salt === undefined || hash === undefined)
    throw new EncodingError('a password is not of the form $scrypt$ln=..,r=..,p=..$salt$hash');
  const parsed = {
    cost: 2 ** Number(ln),
    blockSize: Number(r),
    parallelization: Number(p),
    salt: decodeUnpadded(salt),
    hash: decodeUnpadded(hash),
  };
  if (Number(ln) < MIN_COST_LOG2 || parsed.blockSize < 8 || parsed.parallelization < 1) {
    throw new EncodingError('a password has a cost below ln=14,r=8,p=1');
  }
  if (memoryBytes(parsed) > MAX_MEMORY_BYTES) throw new EncodingError('a password needs more than 64 MiB to check');
  if (parsed.cost * parsed.blockSize * parsed.parallelization > MAX_WORK) {
    throw new EncodingError('a password costs more to check than Workers allow: at most ln=14,r=8,p=8');
  }
  if (parsed.salt.length < MIN_BYTES || parsed.hash.length < MIN_BYTES) {
    throw new EncodingError('a password has a salt or a hash of fewer than 16 bytes');
  }
  return parsed;
}

/** @returns the hash of the password under the parameters and the salt of `like`, of the same length. */
export function hashLike(like: ScryptHash, password: string): Promise<Uint8Array> {
  const options = {
    N: like.cost,
    r: like.blockSize,
    p: like.parallelization,
    maxmem: 2 * MAX_MEMORY_BYTES,
  };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), like.salt, like.hash.length, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    );
  });
}

/** True when both take the same work to check. */
export const isLike = (a: ScryptHash, b: ScryptHash): boolean =>
  a.cost === b.cost &&
  a.blockSize === b.blockSize &&
  a.parallelization === b.parallelization &&
  a.hash.length === b.hash.length;

const memoryBytes = ({ cost, blockSize }: ScryptHash): number => 128 * cost * blockSize;

const decodeUnpadded = (text: string): Uint8Array => parseBase64(text + '='.repeat((4 - (text.length % 4)) % 4));
