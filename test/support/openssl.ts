/** The real openssl, on files in a folder that is removed when all tests are done. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import type {} from './scratch.ts';

const directory = inject('scratch');

/** @returns the path of a new file with the content. */
export function fileOf(content: string | Uint8Array): string {
  const path = join(directory, randomUUID());
  writeFileSync(path, content);
  return path;
}

export interface Outcome {
  /** True when it ended with exit code 0, which for some of its commands is no judgement: read what it says. */
  readonly ok: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** @param input what it reads from its standard input. */
export function tryOpenssl(args: readonly string[], input: string | Uint8Array = ''): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile('openssl', args, { encoding: 'buffer' }, (error, stdout, stderr) => {
      // A code that is no number is that of the system: openssl was not run.
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ ok: error === null, stdout, stderr: String(stderr) });
    });
    // It may end without having read its input.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** @throws when it does not end well, with what it says. */
export async function openssl(args: readonly string[], input: string | Uint8Array = ''): Promise<Buffer> {
  const { ok, stdout, stderr } = await tryOpenssl(args, input);
  if (!ok) throw new Error(`openssl ${args.join(' ')}\n${stderr}`);
  return stdout;
}

/** Options of `openssl genpkey` by the names that the project gives to keys. */
const GENPKEY = {
  'RSA-2048': ['RSA', 'rsa_keygen_bits:2048'],
  'RSA-3072': ['RSA', 'rsa_keygen_bits:3072'],
  'P-256': ['EC', 'ec_paramgen_curve:P-256'],
  'P-384': ['EC', 'ec_paramgen_curve:P-384'],
  'P-521': ['EC', 'ec_paramgen_curve:P-521'],
} as const;

export type OpensslKeyType = keyof typeof GENPKEY;
export const OPENSSL_KEY_TYPES = Object.keys(GENPKEY) as OpensslKeyType[];

/** A client made of nothing but openssl: paths of its private key and of a certificate that it made of it. */
export interface OpensslClient {
  readonly key: string;
  /** Self-signed; never shown to anybody. It holds the subjectKeyIdentifier by which openssl finds its messages. */
  readonly certificate: string;
}

export async function createClient(keyType: OpensslKeyType): Promise<OpensslClient> {
  const [algorithm, option] = GENPKEY[keyType];
  const key = fileOf(await openssl(['genpkey', '-algorithm', algorithm, '-pkeyopt', option]));
  const certificate = fileOf(await openssl(['req', '-x509', '-key', key, '-subj', '/CN=client']));
  return { key, certificate };
}

/** @param subject as openssl writes names: `/C=DE/CN=phone`. */
export function createRequest({ key }: OpensslClient, subject: string, form: 'PEM' | 'DER'): Promise<Buffer> {
  return openssl(['req', '-new', '-utf8', '-key', key, '-subj', subject, '-outform', form]);
}

/** @param recipient how openssl finds the client among the recipients: by a certificate, or by trying the key. */
export async function decrypt(
  { key, certificate }: OpensslClient,
  message: string | Uint8Array,
  form: 'DER' | 'SMIME',
  recipient: 'by certificate' | 'by key' = 'by certificate',
): Promise<string> {
  const found = recipient === 'by certificate' ? ['-recip', certificate] : [];
  return String(await openssl(['cms', '-decrypt', '-binary', '-inform', form, '-inkey', key, ...found], message));
}

/** The output of `openssl x509` for a certificate in PEM, without the white space around it. */
export async function x509(pem: string, ...options: string[]): Promise<string> {
  return String(await openssl(['x509', '-noout', ...options], pem)).trim();
}

/** @param authorities certificates in PEM that are trusted. */
export function verify(pem: string, authorities: string, ...options: string[]): Promise<Outcome> {
  return tryOpenssl(['verify', ...options, '-CAfile', fileOf(authorities), fileOf(pem)]);
}
