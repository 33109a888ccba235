import { beforeAll, describe, expect, test } from 'vitest';
import { CURVE_NAMES } from '../../../../../shared/crypto/keys/ec.ts';
import { RSA_ALGORITHM_IDENTIFIER } from '../../../../../shared/crypto/keys/rsa.ts';
import { concat, utf8 } from '../../../../../shared/encoding/bytes.ts';
import { parseSequence } from '../../../../../shared/encoding/der/reader.ts';
import {
  bitString,
  context,
  encode,
  NULL,
  objectIdentifier,
  type Part,
  sequence,
  smallInteger,
  unsignedInteger,
} from '../../../../../shared/encoding/der/writer.ts';
import { encodePem } from '../../../../../shared/encoding/pem.ts';
import { MAX_CSR_BYTES } from '../../../../../shared/protocol/problem.ts';
import { createCsr } from '../../../../../shared/x509/csr.ts';
import { formatName } from '../../../../../shared/x509/name.ts';
import { verifyCsr } from '../../../../../workers/authority/registration/csr-policy.ts';
import type { CsrFault } from '../../../../../workers/authority/registration/csr-rules.ts';
import { magnitudeOf } from '../../../../support/bytes.ts';
import {
  encodeInfo,
  encodePss,
  type Hash,
  joinCsr,
  signCsr,
  splitCsr,
  withKey,
  withMore,
} from '../../../../support/csr.ts';
import { Device } from '../../../../support/device.ts';
import { createKey, type TestKey } from '../../../../support/keys.ts';

type Bytes = Uint8Array<ArrayBuffer>;

async function faultOf(body: Bytes): Promise<CsrFault | 'none'> {
  const result = await verifyCsr(body);
  return result.ok ? 'none' : result.fault;
}

/** Both the rule and what was found. */
async function refusalOf(body: Bytes): Promise<string> {
  const result = await verifyCsr(body);
  return result.ok ? 'none' : `${result.fault}: ${result.detail}`;
}

const HASHES: Hash[] = ['SHA-256', 'SHA-384', 'SHA-512'];

let ecKey: TestKey;
let rsaKey: TestKey;
beforeAll(async () => {
  [ecKey, rsaKey] = await Promise.all([createKey('P-256'), createKey('RSA-2048')]);
});

describe('a CSR is accepted', () => {
  test.each(['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072'] as const)('with %s', async (keyType) => {
    const { csr } = await Device.create(keyType, "alice's phone, #1");
    const result = await verifyCsr(csr);
    const verified = result.ok ? result.value : expect.unreachable(result.fault);
    expect(verified.publicKey.keyType).toBe(keyType);
    expect(formatName(verified.device)).toBe("CN=alice's phone\\, #1");
    expect(verified.der).toEqual(csr);
  });

  test.each(CURVE_NAMES.flatMap((curve) => HASHES.map((hash) => [curve, hash] as const)))(
    'with %s, signed by ECDSA with %s',
    async (curve, hash) => {
      const key = await createKey(curve);
      expect(await faultOf(await signCsr(key, encodeInfo(key.spki), `ECDSA with ${hash}`))).toBe('none');
    },
  );

  test.each((['PKCS1', 'PSS'] as const).flatMap((scheme) => HASHES.map((hash) => [scheme, hash] as const)))(
    'signed by RSA, %s with %s',
    async (scheme, hash) => {
      expect(await faultOf(await signCsr(rsaKey, encodeInfo(rsaKey.spki), `${scheme} with ${hash}`))).toBe('none');
    },
  );

  test('without the NULL of RSA (RFC 4055 5), and with one of ECDSA, as Mbed TLS wrote it', async () => {
    const rsa = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki)));
    const withoutNull = encode(sequence(objectIdentifier('1.2.840.113549.1.1.11')));
    expect(await faultOf(joinCsr({ ...rsa, algorithm: withoutNull }))).toBe('none');
    const ec = splitCsr(await signCsr(ecKey, encodeInfo(ecKey.spki)));
    expect(await faultOf(joinCsr({ ...ec, algorithm: withMore(ec.algorithm, NULL) }))).toBe('none');
  });

  test('without the NULL of the hash in the parameters of PSS (RFC 4055 2.1)', async () => {
    const parts = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki), 'PSS with SHA-256'));
    const algorithm = encodePss('SHA-256', 'SHA-256', smallInteger(32), []);
    expect(algorithm.length).toBe(parts.algorithm.length - 4);
    expect(await faultOf(joinCsr({ ...parts, algorithm }))).toBe('none');
  });

  test('with the NULL of only one of the hashes of PSS, and with the one trailerField that there is (RFC 4055 3.1)', async () => {
    const parts = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki), 'PSS with SHA-256'));
    const hash = objectIdentifier('2.16.840.1.101.3.4.2.1');
    const mask = sequence(objectIdentifier('1.2.840.113549.1.1.8'), sequence(hash));
    const parameters = sequence(
      context(0, sequence(hash, NULL)),
      context(1, mask),
      context(2, smallInteger(32)),
      context(3, smallInteger(1)),
    );
    const algorithm = encode(sequence(objectIdentifier('1.2.840.113549.1.1.10'), parameters));
    expect(await faultOf(joinCsr({ ...parts, algorithm }))).toBe('none');
  });

  test('with a salt of 20 bytes, which PSS leaves out of its parameters, because it is the default', async () => {
    const info = encodeInfo(rsaKey.spki);
    const name = 'RSA-PSS';
    const pss = await crypto.subtle.importKey('pkcs8', rsaKey.pkcs8, { name, hash: 'SHA-256' }, false, ['sign']);
    const signature = encode(bitString(new Uint8Array(await crypto.subtle.sign({ name, saltLength: 20 }, pss, info))));
    const hash = sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), NULL);
    const mask = sequence(objectIdentifier('1.2.840.113549.1.1.8'), hash);
    const algorithm = encode(
      sequence(objectIdentifier('1.2.840.113549.1.1.10'), sequence(context(0, hash), context(1, mask))),
    );
    expect(await refusalOf(joinCsr({ info, algorithm, signature }))).toBe('none');
    const writtenOut = encodePss('SHA-256', 'SHA-256', smallInteger(20));
    expect(await refusalOf(joinCsr({ info, algorithm: writtenOut, signature }))).toBe(
      'csr-unsupported-signature: The parameters of RSASSA-PSS: the saltLength 20 is written out, which DER leaves out.',
    );
  });
});

const rsaSpki = (modulus: bigint, exponent = 65537n): Bytes => {
  const key = sequence(unsignedInteger(magnitudeOf(modulus)), unsignedInteger(magnitudeOf(exponent)));
  return encode(sequence(RSA_ALGORITHM_IDENTIFIER, bitString(key)));
};

const pssWithSalt = (bytes: bigint): Bytes => encodePss('SHA-256', 'SHA-256', unsignedInteger(magnitudeOf(bytes)));

describe('a CSR is refused', () => {
  test.each([
    ['an RSA key of 2047 bits', rsaSpki((1n << 2046n) | 1n), 'csr-weak-key'],
    ['an RSA key of 4097 bits', rsaSpki((1n << 4096n) | 1n), 'csr-weak-key'],
    ['the exponent 3', rsaSpki((1n << 2047n) | 1n, 3n), 'csr-weak-key'],
    ['an even modulus', rsaSpki(1n << 2047n), 'csr-broken-key'],
    ['a modulus with the factor 751', rsaSpki(751n * ((1n << 2040n) | 1n)), 'csr-broken-key'],
    [
      'a key of another type',
      encode(sequence(sequence(objectIdentifier('1.3.101.112')), bitString(new Uint8Array(32)))),
      'csr-unsupported-key',
    ],
  ] as const)('for %s', async (_, spki, fault) => {
    expect(await faultOf(withKey(await signCsr(ecKey, encodeInfo(ecKey.spki)), spki))).toBe(fault);
  });

  test('for a point that is not on its curve', async () => {
    const spki = ecKey.spki.slice();
    spki[spki.length - 1] = (spki.at(-1) ?? 0) ^ 1;
    expect(await faultOf(await signCsr(ecKey, encodeInfo(spki)))).toBe('csr-bad-signature');
  });

  test('for the key of somebody else, which it does not prove to hold', async () => {
    const other = await createKey('P-256');
    expect(await faultOf(withKey(await signCsr(ecKey, encodeInfo(ecKey.spki)), other.spki))).toBe('csr-bad-signature');
    expect(await faultOf(await signCsr(other, encodeInfo(ecKey.spki)))).toBe('csr-bad-signature');
  });

  test('for a signature by SHA-1', async () => {
    const sha1 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' };
    const key = await crypto.subtle.importKey('pkcs8', rsaKey.pkcs8, sha1, false, ['sign']);
    const info = encodeInfo(rsaKey.spki);
    const signature = encode(bitString(new Uint8Array(await crypto.subtle.sign(sha1.name, key, info))));
    const algorithm = encode(sequence(objectIdentifier('1.2.840.113549.1.1.5'), NULL));
    expect(await faultOf(joinCsr({ info, algorithm, signature }))).toBe('csr-weak-hash');
  });

  test('for a signature by another algorithm than it says', async () => {
    const sha256 = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki), 'PKCS1 with SHA-256'));
    const pss = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki), 'PSS with SHA-256'));
    expect(await faultOf(joinCsr({ ...sha256, algorithm: pss.algorithm }))).toBe('csr-bad-signature');
    expect(await faultOf(joinCsr({ ...pss, algorithm: sha256.algorithm }))).toBe('csr-bad-signature');
    const ec = splitCsr(await signCsr(ecKey, encodeInfo(ecKey.spki)));
    expect(await faultOf(joinCsr({ ...ec, algorithm: sha256.algorithm }))).toBe('csr-unsupported-signature');
  });

  test.each([
    ['MGF1 with SHA-1', encodePss('SHA-256', 'SHA-1', smallInteger(32)), 'csr-unsupported-signature'],
    ['SHA-1 throughout', encodePss('SHA-1', 'SHA-1', smallInteger(20)), 'csr-unsupported-signature'],
    ['another hash in MGF1', encodePss('SHA-256', 'SHA-512', smallInteger(32)), 'csr-unsupported-signature'],
    ['a salt of another length', encodePss('SHA-256', 'SHA-256', smallInteger(21)), 'csr-bad-signature'],
    ['a salt longer than the key', pssWithSalt(256n), 'csr-bad-signature'],
    ['a salt of 512 bytes', pssWithSalt(512n), 'csr-bad-signature'],
    ['a salt of 513 bytes', pssWithSalt(513n), 'csr-unsupported-signature'],
    ['a salt of 2^32 bytes', pssWithSalt(1n << 32n), 'csr-unsupported-signature'],
    ['a salt of 2^1100 bytes', pssWithSalt(1n << 1100n), 'csr-unsupported-signature'],
    [
      'a salt of a negative length',
      encodePss('SHA-256', 'SHA-256', Uint8Array.of(2, 1, 0x80)),
      'csr-unsupported-signature',
    ],
  ] as const)('for PSS with %s', async (_, algorithm, fault) => {
    const parts = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki), 'PSS with SHA-256'));
    expect(await faultOf(joinCsr({ ...parts, algorithm }))).toBe(fault);
  });

  test('for bytes that follow it, and for what is none', async () => {
    const csr = await signCsr(ecKey, encodeInfo(ecKey.spki));
    expect(await faultOf(concat([csr, Uint8Array.of(0)]))).toBe('csr-trailing-bytes');
    expect(await faultOf(csr.slice(0, -1))).toBe('csr-malformed');
    expect(await faultOf(crypto.getRandomValues(new Uint8Array(300)))).toBe('csr-malformed');
  });

  test('for a subject that is too long, or of strings in no known encoding', async () => {
    expect(await faultOf(await createCsr(ecKey.pair, 'x'.repeat(1100)))).toBe('csr-bad-subject');
    const csr = await createCsr(ecKey.pair, 'abc');
    const at = csr.findIndex((byte, index) => byte === 0x0c && csr[index + 1] === 3);
    csr.set([0xff, 0xff, 0xff], at + 2);
    expect(await faultOf(csr)).toBe('csr-bad-subject');
  });
});

describe('a refusal says what was found:', () => {
  test('a version other than 0', async () => {
    const fields = parseSequence(encodeInfo(ecKey.spki));
    fields.next();
    const info = encode(sequence(smallInteger(2), fields.rest()));
    expect(await refusalOf(await signCsr(ecKey, info))).toBe(
      'csr-malformed: It is no PKCS#10 request in DER: version: it is 0x02, and has to be 0 (v1, RFC 2986 4.1).',
    );
  });

  const ec = (curve: Part, point: Uint8Array): Bytes =>
    encode(sequence(sequence(objectIdentifier('1.2.840.10045.2.1'), curve), bitString(point)));
  const P256 = objectIdentifier('1.2.840.10045.3.1.7');
  test.each([
    ['RSA without NULL', 'the algorithm of the RSA key has no NULL behind its OID (RFC 3279 2.3.1).'],
    ['Ed25519', 'the key is of the algorithm 1.3.101.112, which is not accepted.'],
    ['secp256k1', 'the key is on the curve 1.3.132.0.10, which is not accepted.'],
    ['parameters of a curve', 'the EC key has no named curve.'],
    ['a compressed point', 'the P-256 key has a point that is not uncompressed.'],
  ])('the key, %s', async (name, detail) => {
    const keys: Record<string, Bytes> = {
      'RSA without NULL': encode(
        sequence(sequence(objectIdentifier('1.2.840.113549.1.1.1')), bitString(rsaKey.publicKey.bits)),
      ),
      Ed25519: encode(sequence(sequence(objectIdentifier('1.3.101.112')), bitString(new Uint8Array(32)))),
      secp256k1: ec(objectIdentifier('1.3.132.0.10'), ecKey.publicKey.bits),
      'parameters of a curve': ec(sequence(), ecKey.publicKey.bits),
      'a compressed point': ec(P256, Uint8Array.from([2, ...ecKey.publicKey.bits.subarray(1, 33)])),
    };
    const csr = withKey(await signCsr(ecKey, encodeInfo(ecKey.spki)), keys[name] ?? expect.unreachable());
    expect(await refusalOf(csr)).toBe(`csr-unsupported-key: The subjectPKInfo: ${detail}`);
  });

  test.each([
    [rsaSpki((1n << 1023n) | 1n), 'csr-weak-key: The RSA key has 1024 bits.'],
    [rsaSpki((1n << 2047n) | 1n, 3n), 'csr-weak-key: The exponent of the RSA key is 0x03.'],
    [rsaSpki((1n << 2047n) | 1n, 1n << 500n), 'csr-weak-key: The exponent of the RSA key is 63 bytes.'],
    [rsaSpki(751n * ((1n << 2040n) | 1n)), 'csr-broken-key: The modulus of the RSA key has the factor'],
  ])('the numbers of an RSA key (%#)', async (spki, refusal) => {
    expect(await refusalOf(withKey(await signCsr(ecKey, encodeInfo(ecKey.spki)), spki))).toContain(refusal);
  });

  test('the algorithm of the signature, with its parameters', async () => {
    const parts = splitCsr(await signCsr(rsaKey, encodeInfo(rsaKey.spki), 'PSS with SHA-256'));
    const refusal = (algorithm: Bytes) => refusalOf(joinCsr({ ...parts, algorithm }));
    const expected =
      'It has to have one hash in both places, which is SHA-256 or SHA-384 or SHA-512, and at most 512 bytes.';
    expect(await refusal(encodePss('SHA-256', 'SHA-1', smallInteger(32)))).toBe(
      `csr-unsupported-signature: The signature is RSASSA-PSS with SHA-256, MGF1 on SHA-1, and a salt of 32 bytes. ${expected}`,
    );
    const empty = encode(sequence(objectIdentifier('1.2.840.113549.1.1.10'), sequence()));
    expect(await refusal(empty)).toContain('RSASSA-PSS with SHA-1, MGF1 on SHA-1, and a salt of 20 bytes.');
    const none = encode(sequence(objectIdentifier('1.2.840.113549.1.1.10')));
    expect(await refusal(none)).toContain('The parameters of RSASSA-PSS: expected tag 0x30, found the end');
    expect(await refusal(encode(sequence(objectIdentifier('1.2.840.113549.1.1.5'), NULL)))).toBe(
      'csr-weak-hash: The signature is sha1WithRSAEncryption.',
    );
    expect(await refusal(encode(sequence(objectIdentifier('1.2.840.10045.4.3.2'))))).toBe(
      'csr-unsupported-signature: The signature is of the algorithm 1.2.840.10045.4.3.2, with its parameters none for a key of RSA-2048.',
    );
  });

  test('a signature that is not in its form, one that does not verify, and a key that is none', async () => {
    const parts = splitCsr(await signCsr(ecKey, encodeInfo(ecKey.spki)));
    const padded = encode(bitString(sequence(encode(sequence()), smallInteger(1))));
    expect(await refusalOf(joinCsr({ ...parts, signature: padded }))).toMatch(
      /^csr-bad-signature: The signature: expected tag 0x02, found 0x30 at byte \d+\.$/,
    );
    const one = encode(bitString(sequence(smallInteger(1), smallInteger(1))));
    expect(await refusalOf(joinCsr({ ...parts, signature: one }))).toBe(
      'csr-bad-signature: It does not verify as ECDSA with SHA-256 by the key of P-256.',
    );
    const spki = ecKey.spki.slice();
    spki[spki.length - 1] = (spki.at(-1) ?? 0) ^ 1;
    expect(await refusalOf(await signCsr(ecKey, encodeInfo(spki)))).toBe(
      'csr-bad-signature: The key is no valid one, such as a point that is not on its curve.',
    );
  });

  test('bytes behind it', async () => {
    const csr = await signCsr(ecKey, encodeInfo(ecKey.spki));
    expect(await refusalOf(concat([csr, Uint8Array.of(0, 0)]))).toBe(
      `csr-trailing-bytes: The request has ${csr.length} bytes, and 2 follow it.`,
    );
  });
});

describe('the body of a registration', () => {
  test('is DER or one PEM block, under either of its labels, with text around it', async () => {
    const csr = await signCsr(ecKey, encodeInfo(ecKey.spki));
    const pem = encodePem('CERTIFICATE REQUEST', csr);
    const bodies = [csr, utf8(pem), utf8(`0 my request\n${pem}\nend`), utf8(encodePem('NEW CERTIFICATE REQUEST', csr))];
    for (const body of bodies) expect(await verifyCsr(body)).toMatchObject({ ok: true, value: { der: csr } });
  });

  test('is refused when it is more, or something else', async () => {
    const csr = await signCsr(ecKey, encodeInfo(ecKey.spki));
    const pem = encodePem('CERTIFICATE REQUEST', csr);
    expect(await faultOf(utf8(pem + pem))).toBe('csr-several-pem-blocks');
    expect(await faultOf(utf8(pem.trimEnd() + pem))).toBe('csr-several-pem-blocks');
    expect(await faultOf(utf8(pem + encodePem('PRIVATE KEY', csr)))).toBe('csr-several-pem-blocks');
    expect(await faultOf(utf8(encodePem('PRIVATE KEY', csr)))).toBe('csr-malformed');
    expect(await faultOf(utf8('hello'))).toBe('csr-malformed');
    expect(await faultOf(new Uint8Array(0))).toBe('csr-malformed');
    expect(await faultOf(new Uint8Array(MAX_CSR_BYTES + 1))).toBe('csr-too-large');
  });
});
