/** Issuing a client certificate (draft 4.2, RFC 5280 4.1). */

import { encodeTime } from '../../../shared/encoding/der/time.ts';
import {
  bitString,
  context,
  encode,
  sequence,
  smallInteger,
  unsignedInteger,
} from '../../../shared/encoding/der/writer.ts';
import type { Issuer } from './issuer.ts';
import { parseSubjectTemplate, type SubjectTemplate } from './subject-template.ts';

const V3 = encode(context(0, smallInteger(2)));
const SERIAL_BYTES = 16;

/** The time in which a certificate is valid. */
export interface Lifetime {
  /** Milliseconds since 1970; cut to whole seconds. */
  readonly notBefore: number;
  /** From notBefore to notAfter; 0 for a certificate that expires at once (draft 4.3). */
  readonly seconds: number;
}

/** @returns DER of the certificate. */
export async function issueCertificate(
  { anchor, key, authorityKeyIdentifier }: Issuer,
  template: SubjectTemplate,
  lifetime: Lifetime,
): Promise<Uint8Array<ArrayBuffer>> {
  const { scheme, name } = anchor;
  const { subject, spki, extensions } = parseSubjectTemplate(template);
  const serialNumber = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  const tbs = encode(
    sequence(
      V3,
      unsignedInteger(serialNumber),
      scheme.algorithmIdentifier,
      name,
      encodeValidity(lifetime),
      subject,
      spki,
      context(3, sequence(extensions, authorityKeyIdentifier)),
    ),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(scheme.algorithm, key, tbs));
  return encode(sequence(tbs, scheme.algorithmIdentifier, bitString(scheme.toDer(signature))));
}

/** All certificates of one second have the same Validity; it is encoded once. */
let lastValidity = { second: Number.NaN, seconds: 0, der: new Uint8Array(0) };

function encodeValidity({ notBefore, seconds }: Lifetime): Uint8Array {
  const second = Math.floor(notBefore / 1000);
  if (second !== lastValidity.second || seconds !== lastValidity.seconds) {
    const der = encode(sequence(encodeTime(second * 1000), encodeTime((second + seconds) * 1000)));
    lastValidity = { second, seconds, der };
  }
  return lastValidity.der;
}
