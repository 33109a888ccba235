/** The CSRs that other projects test themselves with. They are not part of this repository. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSuite } from './suites.ts';

const SUITE = findSuite('csr') ?? '';
export const isSuiteThere = SUITE !== '';

export interface SuiteCsr {
  /** Its file in the suite, or its number and name in `mbedtls/x509parse-csr-cases.json`. */
  readonly name: string;
  /** The body of a registration, PEM or DER. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Verdicts of OpenSSL, Go, Mbed TLS, Botan and pyca/cryptography: OK, SIG or PARSE, or one of them and more. */
  readonly verdicts: readonly string[];
}

/** A case of Mbed TLS: DER in hexadecimal, or a file that is in the suite by itself. */
interface MbedtlsCase {
  readonly name: string;
  readonly der_hex?: string;
  readonly file?: string;
  readonly accept: boolean;
}

export const MBEDTLS_CASES: readonly MbedtlsCase[] = isSuiteThere
  ? JSON.parse(readFileSync(join(SUITE, 'mbedtls/x509parse-csr-cases.json'), 'utf8'))
  : [];

const INLINE = MBEDTLS_CASES.filter(({ der_hex }) => der_hex !== undefined);

/** @returns the body of the case, from wherever it is. */
export const mbedtlsBody = ({ der_hex, file }: MbedtlsCase): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    der_hex === undefined ? readFileSync(join(SUITE, 'mbedtls', file ?? '')) : Buffer.from(der_hex, 'hex'),
  );

function bodyOf(name: string): Uint8Array<ArrayBuffer> {
  const number = /^mbedtls-inline\/(\d\d) /.exec(name)?.[1];
  if (number === undefined) return Uint8Array.from(readFileSync(join(SUITE, name)));
  const inline = INLINE[Number(number)];
  if (inline === undefined || !name.endsWith(` ${inline.name}`)) throw new Error(`no such case: ${name}`);
  return mbedtlsBody(inline);
}

export const CSRS: readonly SuiteCsr[] = isSuiteThere
  ? readFileSync(join(SUITE, 'verdicts.tsv'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [name = '', , ...verdicts] = line.split('\t');
        return { name, body: bodyOf(name), verdicts: verdicts.slice(0, 5) };
      })
  : [];

/** No more registrations by one owner are taken at the same time. */
const BATCH = 5;

/** Runs `work` on all CSRs, a few at a time. */
export async function onAllCsrs<T>(work: (csr: SuiteCsr) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let at = 0; at < CSRS.length; at += BATCH) {
    results.push(...(await Promise.all(CSRS.slice(at, at + BATCH).map(work))));
  }
  return results;
}
