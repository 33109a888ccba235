import { describe, expect, test } from 'vitest';
import { Device } from '../../scripts/device.ts';
import { concat, utf8 } from '../../shared/bytes.ts';
import { checkCsr } from '../../shared/csr/check.ts';
import { createCsr } from '../../shared/csr/create.ts';
import { decodeCsr, MAX_CSR_OCTETS } from '../../shared/csr/decode.ts';
import { encodedOid, RSA_ENCRYPTION } from '../../shared/der/oids.ts';
import { readWhole } from '../../shared/der/read.ts';
import { bitString, encode, NULL, sequence, unsignedInteger } from '../../shared/der/write.ts';
import { isBrokenModulus } from '../../shared/keys/broken-modulus.ts';
import { keyTypeName } from '../../shared/keys/public-key.ts';
import { formatName, readName } from '../../shared/name/name.ts';
import { encodePem } from '../../shared/wire/pem.ts';

const faultOf = async (der: Uint8Array<ArrayBuffer>) => {
  const result = await checkCsr(der);
  return 'fault' in result ? result.fault : 'none';
};

test.each(['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072'] as const)('a CSR with %s is taken', async (keyType) => {
  const { csr } = await Device.create(keyType, "alice's phone, #1");
  const checked = await checkCsr(csr);
  if ('fault' in checked) expect.unreachable(checked.fault);
  expect(keyTypeName(checked.publicKey)).toBe(keyType);
  expect(formatName(readName(checked.subject))).toBe("CN=alice's phone\\, #1");
});

/** The same CSR with another SubjectPublicKeyInfo; its signature is then that of another. */
function withKey(csr: Uint8Array<ArrayBuffer>, spki: Uint8Array): Uint8Array<ArrayBuffer> {
  const request = readWhole(csr, 0x30);
  const info = request.enter(0x30);
  const version = info.next().encoding;
  const subject = info.next().encoding;
  info.next();
  const rest = info.next().encoding;
  const [algorithm, signature] = [request.next().encoding, request.next().encoding];
  return encode(sequence(sequence(version, subject, spki, rest), algorithm, signature));
}

function magnitudeOf(number: bigint): Uint8Array {
  const digits = number.toString(16);
  const even = digits.padStart(digits.length + (digits.length % 2), '0');
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function rsaKey(modulus: bigint, exponent = 65537n): Uint8Array {
  const key = sequence(unsignedInteger(magnitudeOf(modulus)), unsignedInteger(magnitudeOf(exponent)));
  return encode(sequence(sequence(encodedOid(RSA_ENCRYPTION), NULL), bitString(key)));
}

describe('a CSR is refused', () => {
  test.each([
    ['an RSA key of 2047 bits', rsaKey((1n << 2046n) | 1n), 'csr-weak-key'],
    ['an RSA key of 4097 bits', rsaKey((1n << 4096n) | 1n), 'csr-weak-key'],
    ['the exponent 3', rsaKey((1n << 2047n) | 1n, 3n), 'csr-weak-key'],
    ['an even modulus', rsaKey(1n << 2047n), 'csr-broken-key'],
    ['a modulus with the factor 751', rsaKey(751n * ((1n << 2040n) | 1n)), 'csr-broken-key'],
  ])('for %s', async (_, spki, fault) => {
    const { csr } = await Device.create('P-256', '');
    expect(await faultOf(withKey(csr, spki))).toBe(fault);
  });

  test('for the key of somebody else, which it does not prove to hold', async () => {
    const [mine, other] = await Promise.all([Device.create('P-256', ''), Device.create('P-256', '')]);
    const info = readWhole(other.csr, 0x30).enter(0x30);
    info.next();
    info.next();
    expect(await faultOf(withKey(mine.csr, info.next().encoding))).toBe('csr-bad-signature');
  });

  test('for a signature by SHA-1', async () => {
    const rsa = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-1',
      modulusLength: 2048,
      publicExponent: Uint8Array.of(1, 0, 1),
    };
    const pair = (await crypto.subtle.generateKey(rsa, true, ['sign', 'verify'])) as CryptoKeyPair;
    const spki = new Uint8Array((await crypto.subtle.exportKey('spki', pair.publicKey)) as ArrayBuffer);
    const info = encode(sequence(Uint8Array.of(2, 1, 0), sequence(), spki, Uint8Array.of(0xa0, 0)));
    const signature = new Uint8Array(await crypto.subtle.sign(rsa.name, pair.privateKey, info));
    const sha1WithRsa = sequence(encodedOid('1.2.840.113549.1.1.5'), NULL);
    expect(await faultOf(encode(sequence(info, sha1WithRsa, bitString(signature))))).toBe('csr-weak-hash');
  });

  test('for bytes that follow it, and for what is none', async () => {
    const { csr } = await Device.create('P-256', '');
    expect(await faultOf(concat([csr, Uint8Array.of(0)]))).toBe('csr-trailing-bytes');
    expect(await faultOf(csr.slice(0, -1))).toBe('csr-malformed');
    expect(await faultOf(crypto.getRandomValues(new Uint8Array(300)))).toBe('csr-malformed');
  });

  test('for a subject that is too long, or of strings in no known encoding', async () => {
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = (await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])) as CryptoKeyPair;
    expect(await faultOf(await createCsr(pair, 'x'.repeat(1100)))).toBe('csr-bad-subject');
    const csr = await createCsr(pair, 'abc');
    const at = csr.findIndex((octet, index) => octet === 0x0c && csr[index + 1] === 3);
    csr.set([0xff, 0xff, 0xff], at + 2);
    expect(await faultOf(csr)).toBe('csr-bad-subject');
  });
});

const primesBelow = (limit: number): bigint[] => {
  const primes: bigint[] = [];
  for (let n = 2n; n < limit; n++) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  return primes;
};

test('the fingerprint of CVE-2017-15361 is told from other moduli', () => {
  // Such primes are k * M + (65537 ^ a mod M), M being a primorial, so that their product is of that form as well.
  const primorial = primesBelow(168).reduce((product, prime) => product * prime);
  let power = 1n;
  for (let i = 0; i < 1234; i++) power = (power * 65537n) % primorial;
  const hasSmallFactor = (n: bigint) => primesBelow(752).some((prime) => n % prime === 0n);
  let modulus = power + primorial * 2n ** 1800n;
  while (hasSmallFactor(modulus)) modulus += primorial;
  expect(isBrokenModulus(magnitudeOf(modulus))).toBe(true);
  let other = modulus + 2n;
  while (hasSmallFactor(other)) other += 2n;
  expect(isBrokenModulus(magnitudeOf(other))).toBe(false);
});

describe('the body of a registration', () => {
  const faultOfBody = (body: Uint8Array<ArrayBuffer>) => {
    const result = decodeCsr(body);
    return 'fault' in result ? result.fault : 'none';
  };

  test('is DER or one PEM block, under either of its labels, with text around it', async () => {
    const { csr } = await Device.create('P-256', '');
    const pem = encodePem('CERTIFICATE REQUEST', csr);
    expect(decodeCsr(csr)).toEqual(csr);
    expect(decodeCsr(utf8(pem))).toEqual(csr);
    expect(decodeCsr(utf8(`0 my request\n${pem}\nend`))).toEqual(csr);
    expect(decodeCsr(utf8(encodePem('NEW CERTIFICATE REQUEST', csr)))).toEqual(csr);
  });

  test('is refused when it is more, or something else', async () => {
    const { csr } = await Device.create('P-256', '');
    const pem = encodePem('CERTIFICATE REQUEST', csr);
    expect(faultOfBody(utf8(pem + pem))).toBe('csr-several-pem-blocks');
    expect(faultOfBody(utf8(pem + encodePem('PRIVATE KEY', csr)))).toBe('csr-several-pem-blocks');
    expect(faultOfBody(utf8(encodePem('PRIVATE KEY', csr)))).toBe('csr-malformed');
    expect(faultOfBody(utf8('hello'))).toBe('csr-malformed');
    expect(faultOfBody(new Uint8Array(0))).toBe('csr-malformed');
    expect(faultOfBody(new Uint8Array(MAX_CSR_OCTETS + 1))).toBe('csr-too-large');
  });
});
