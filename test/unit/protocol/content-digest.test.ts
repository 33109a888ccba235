import { expect, test } from 'vitest';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { encodeContentDigest } from '../../../shared/protocol/content-digest.ts';

test.each([
  // RFC 9530 B.1: the content ends in a line feed, as the RFC says.
  ['{"hello": "world"}\n', 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:'],
  // FIPS 180-4 of no bytes; RFC 9530 B.2 has it for an answer to HEAD.
  ['', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'],
])('the digest of %j is %s', async (content, digest) => {
  expect(await encodeContentDigest(utf8(content))).toBe(digest);
});
