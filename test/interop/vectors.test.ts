/** The vectors for other clients (test/vectors/cale), as tools of others judge them. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/workers.ts';
import { CONTENT_ENCRYPTION_NAMES, type ContentEncryptionName } from '../../shared/cms/content-encryption.ts';
import { KEY_TYPE_NAMES } from '../../shared/crypto/keys/key-types.ts';
import { encodeEcdsaSignature } from '../../shared/crypto/signatures/ecdsa.ts';
import { encodePem } from '../../shared/encoding/pem.ts';
import { parseCertificate } from '../../shared/x509/certificate.ts';
import { verifyTask } from '../support/foreign/program.ts';
import { BOUNCY_CASTLE, closeTools, PYTHON, TOOLS } from '../support/foreign/tools.ts';
import { fileOf, openssl, tryOpenssl } from '../support/openssl.ts';
import { derOf } from '../support/vectors/bytes.ts';
import { disagreementsOf } from '../support/vectors/disagreements.ts';
import { readVectors, staleVectors, VECTORS_FOLDER } from '../support/vectors/files.ts';
import { derOfPem } from '../support/vectors/keys.ts';
import { makeVectors } from '../support/vectors/make.ts';
import type { Outcome, SealedAnswerVector, Vectors, VectorTest } from '../support/vectors/schema.ts';

const vectors = readVectors() as Vectors;
const versions = await Promise.all(TOOLS.map((tool) => tool.version()));
const isSkipped = (name: string): boolean =>
  process.env['CI'] === undefined && versions[TOOLS.findIndex((tool) => tool.name === name)] === undefined;
afterAll(closeTools);

describe('the files', () => {
  test('are as npm run vectors writes them', async () => {
    const made = await makeVectors(vectors);
    expect(staleVectors(made)).toEqual([]);
    expect(staleVectors({ ...made, whoami: { ...made.whoami, tests: [] } })).toEqual(['whoami']);
  });

  test('have the members that their README says, and no others', () => {
    const sections = readFileSync(join(VECTORS_FOLDER, 'README.md'), 'utf8').split(/^## /m);
    for (const [name, { tests }] of Object.entries(vectors)) {
      const section = sections.find((each) => each.startsWith(`${name}.json`)) ?? '';
      const tables = section.split('\n\n').filter((part) => part.startsWith('| member'));
      // edge.json has a table for the file itself before that of its tests.
      const listed = [...(tables.at(-1) ?? '').matchAll(/^\| `(\w+)`/gm)].map(([, member = '']) => member);
      const found = new Set(tests.flatMap((each: VectorTest) => Object.keys(each)));
      found.delete('id');
      expect(listed.toSorted(), name).toEqual([...found].toSorted());
    }
  });
});

/** Tests that are refused by rules of this protocol, and that tools of others may open. */
const LENIENT = [
  'P-256 AES-256-GCM: a byte more',
  'RSA-2048 AES-128-GCM: a byte more',
  'P-384 ChaCha20-Poly1305: a byte more',
  'P-256 AES-256-GCM: recipient unknown',
  'RSA-2048 AES-128-GCM: recipient unknown',
  'P-384 ChaCha20-Poly1305: recipient unknown',
  'P-256 AES-256-GCM: tag of 4 bytes',
  'P-256 AES-256-GCM: other media type',
  'P-256 AES-256-GCM: indefinite length',
  'KDF with SHA-1',
  'cofactor ECDH',
  'by issuer and serial',
  'RSAES-PKCS1-v1_5',
  'OAEP with SHA-1',
  'another content key',
  'another content key, by RSA',
  'another content type',
  'another version',
  'another version of key agreement',
  'another version of key transport',
  'unauthenticated attributes',
  'unprotected attributes',
  'user keying material',
  'a compressed point',
  'key wrap with NULL',
  'two keys of one agreement',
  'too many recipients',
];

/** The tools that open anything of ours at all. */
const READERS = TOOLS.filter((tool) =>
  KEY_TYPE_NAMES.some((keyType) => CONTENT_ENCRYPTION_NAMES.some((cipher) => !tool.cannotOpen(keyType, cipher))),
);

const isBase64 = ({ body }: SealedAnswerVector): boolean => /^[\w+/=\s]*$/.test(body);

describe.each(READERS.map(({ name }) => name))('%s', (name) => {
  const tool = READERS.find((each) => each.name === name) ?? expect.unreachable();
  const { tests } = vectors['sealed-answers'];

  test.skipIf(isSkipped(name))('opens the sealed answers that are valid, and none that was altered', async () => {
    const read = tests.filter(isBase64);
    const keyOf = (id: string) => vectors.keys.tests.find((each) => each.id === id) ?? expect.unreachable();
    const given = await tool.open(read.map((each) => ({ key: keyOf(each.key), message: derOf(each) })));
    const found: string[] = [];
    for (const [at, { id, key, cipher, valid, content }] of read.entries()) {
      const result = given[at];
      const opened = result !== undefined && 'bytes' in result ? result.bytes.toString('base64') : undefined;
      const expected = valid && tool.cannotOpen(keyOf(key).keyType, cipher as ContentEncryptionName) === undefined;
      const isGood = expected ? opened === content : opened === undefined || LENIENT.includes(id);
      if (!isGood) found.push(`${id}: ${JSON.stringify(result)}`);
    }
    expect(found).toEqual([]);
  });
});

test.skipIf(isSkipped(PYTHON.name))('Python makes of each test what it says', async () => {
  const verdicts = await PYTHON.judge(VECTORS_FOLDER);
  const found: string[] = [];
  for (const [name, { tests }] of Object.entries(vectors)) {
    expect(Object.keys(verdicts[name] ?? {})).toHaveLength(tests.length);
    for (const each of tests as (VectorTest & Outcome)[]) {
      const { why, ...verdict } = verdicts[name]?.[each.id] ?? { why: 'no verdict' };
      // One word for every fault is enough for a client.
      found.push(...disagreementsOf(name, each, verdict));
    }
  }
  expect(found).toEqual([]);
});

/** A signature of the vectors that is valid, with the key that verifies it, in PEM. */
interface Signed {
  readonly id: string;
  readonly publicKey: string;
  readonly base: string;
  /** Name of RFC 9421, or `ecdsa-p521-sha512`. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

const keyAlgorithms: Readonly<Record<string, string>> = {
  'P-256': 'ecdsa-p256-sha256',
  'P-384': 'ecdsa-p384-sha384',
  'P-521': 'ecdsa-p521-sha512',
};

function signatureOf(fields: readonly (readonly [string, string])[]): { alg?: string; keyid: string; value: Buffer } {
  const field = (name: string) => fields.find(([each]) => each === name)?.[1] ?? expect.unreachable(name);
  const [, keyid = ''] = /\bcale=.*?;keyid="([^"]*)"/.exec(field('signature-input')) ?? [];
  const [, alg] = /\bcale=.*?;alg="([^"]*)"/.exec(field('signature-input')) ?? [];
  const value = Buffer.from(field('signature').replace(/^.*\bcale=:|:$/g, ''), 'base64');
  return { keyid, value, ...(alg !== undefined && { alg }) };
}

async function signedOnes(): Promise<Signed[]> {
  const requests = vectors['signed-requests'].tests.filter(({ valid }) => valid);
  const ofRequests = requests.map(({ id, key, fields, signatureBase = '' }): Signed => {
    const { publicKey, keyType } = vectors.keys.tests.find((each) => each.id === key) ?? expect.unreachable();
    const { alg = keyAlgorithms[keyType] ?? 'rsa-v1_5-sha256', value } = signatureOf(fields);
    return { id: `request: ${id}`, publicKey, base: signatureBase, algorithm: alg, signature: value };
  });
  const certificates = await Promise.all(
    vectors.edge.document.originCertificates.map(async (certificate) => {
      const text = String(await openssl(['x509', '-noout', '-ext', 'subjectKeyIdentifier'], certificate));
      const [digits = ''] = /(?:[0-9A-F]{2}:)+[0-9A-F]{2}/.exec(text) ?? [];
      const { spki } = parseCertificate(derOfPem('CERTIFICATE', certificate));
      const keyid = Buffer.from(digits.replaceAll(':', ''), 'hex').toString('base64url');
      return { keyid, publicKey: encodePem('PUBLIC KEY', spki) };
    }),
  );
  const answers = vectors['signed-answers'].tests.filter(({ valid }) => valid);
  const ofAnswers = answers.map(({ id, fields = [], signatureBase = '' }): Signed => {
    const { alg = 'ecdsa-p521-sha512', keyid, value } = signatureOf(fields);
    const { publicKey } = certificates.find((each) => each.keyid === keyid) ?? expect.unreachable(keyid);
    return { id: `answer: ${id}`, publicKey, base: signatureBase, algorithm: alg, signature: value };
  });
  return [...ofRequests, ...ofAnswers];
}

const PSS = ['-sha512', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:64'];

test('openssl verifies each signature over its base, and not over another one', async () => {
  for (const { id, publicKey, base, algorithm, signature } of await signedOnes()) {
    const isRsa = algorithm.startsWith('rsa');
    const hash = algorithm === 'rsa-pss-sha512' ? PSS : [`-${algorithm.split('-').at(-1)}`];
    const file = fileOf(isRsa ? signature : encodeEcdsaSignature(signature));
    const command = ['dgst', ...hash, '-verify', fileOf(publicKey), '-signature', file];
    expect((await tryOpenssl(command, base)).ok, id).toBe(true);
    expect((await tryOpenssl(command, `${base} `)).ok, id).toBe(false);
  }
});

test.skipIf(isSkipped(BOUNCY_CASTLE.name))('Bouncy Castle does so too', async () => {
  const signed = await signedOnes();
  const verdicts = async (more: string) => {
    const tasks = signed.map((each) => verifyTask(each.algorithm, each.publicKey, each.base + more, each.signature));
    return (await BOUNCY_CASTLE.run(tasks)).map((given) => ('bytes' in given ? given.bytes[0] : given.error));
  };
  expect(await verdicts('')).toEqual(signed.map(() => 1));
  expect(await verdicts(' ')).toEqual(signed.map(() => 0));
});

/** Certificates of whoami that are good ones, but not for the asking client. */
const REFUSED_BY_CLIENTS = ['AES-CBC', 'another nonce', 'no nonce', 'key of another'];

describe('certificates', () => {
  const { document, parties } = vectors.edge;
  const root = fileOf(parties['root']?.certificate ?? '');
  const authority = fileOf(document.authorityCertificates[0] ?? '');
  const verify = (certificate: string, ...options: string[]) =>
    tryOpenssl(['verify', '-x509_strict', ...options, '-CAfile', root, '-untrusted', authority, fileOf(certificate)]);

  test('of the origin are verified by openssl, up to the root', async () => {
    const all = [...document.originCertificates, document.originEncryptionCertificate];
    for (const certificate of all)
      expect(await verify(certificate, '-purpose', 'sslserver')).toMatchObject({ ok: true });
    expect(await verify(parties['of-other-authority']?.certificate ?? '')).toMatchObject({ ok: false });
    expect(await verify(parties['ended']?.certificate ?? '')).toMatchObject({ ok: false });
  });

  test('of whoami are verified by openssl, which finds that they have ended', async () => {
    for (const { id, content, valid } of vectors.whoami.tests.filter(({ id }) => id !== 'two certificates')) {
      expect((await verify(content, '-no_check_time')).ok, id).toBe(valid || REFUSED_BY_CLIENTS.includes(id));
      expect((await verify(content)).ok, id).toBe(false);
    }
  });

  test('CSRs are verified by openssl', async () => {
    for (const { id, csr, publicKey } of vectors.keys.tests) {
      const { ok } = await tryOpenssl(['req', '-verify', '-noout'], csr);
      expect(ok, id).toBe(true);
      expect(String(await openssl(['req', '-noout', '-pubkey'], csr)), id).toBe(publicKey);
    }
  });
});

test('npm run vectors -- --check says that they hold', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { vectors: string } };
  const [node, ...args] = scripts.vectors.split(' ');
  expect(node).toBe('node');
  expect(String(execFileSync(process.execPath, [...args, '--check'], { cwd: ROOT }))).toBe('');
});
