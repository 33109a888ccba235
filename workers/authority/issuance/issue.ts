/** Issuing a client certificate (draft 4.2, RFC 5280 4.1). */

import { encodeTime } from '../../../shared/encoding/der/time.ts';
import {
  bitString,
  context,
  encode,
  ia5String,
  sequence,
  smallInteger,
  unsignedInteger,
} from '../../../shared/encoding/der/writer.ts';
import type { Nonce } from '../../../shared/protocol/nonce.ts';
import { ID_KP_DECOY, ID_KP_WHOAMI, ID_PE_NONCE } from '../../../shared/protocol/oids.ts';
import { encodeExtension, encodeExtKeyUsage, ID_KP_CLIENT_AUTH } from '../../../shared/x509/extensions.ts';
import type { Issuer } from './issuer.ts';
import { parseSubjectTemplate, type SubjectTemplate } from './subject-template.ts';

const V3 = encode(context(0, smallInteger(2)));
const SERIAL_BYTES = 16;

/** The purposes of certificates: for one request (draft 4.2), only to say who a client is (4.3), or to get a decoy. */
const PURPOSES = {
  request: encodeExtKeyUsage(ID_KP_CLIENT_AUTH),
  whoami: encodeExtKeyUsage(ID_KP_WHOAMI),
  decoy: encodeExtKeyUsage(ID_KP_DECOY),
} as const;

/** The properties in which certificates of one credential differ. */
export interface Issue {
  readonly purpose: keyof typeof PURPOSES;
  /** Milliseconds since 1970; cut to whole seconds. */
  readonly notBefore: number;
  /** From notBefore to notAfter. */
  readonly seconds: number;
  /** The one request that the certificate is for. */
  readonly nonce: Nonce | undefined;
}

/** @returns DER of the certificate. */
export async function issueCertificate(
  { anchor, key, authorityKeyIdentifier }: Issuer,
  template: SubjectTemplate,
  issue: Issue,
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
      encodeValidity(issue),
      subject,
      spki,
      context(3, sequence(extensions, PURPOSES[issue.purpose], ...encodeNonce(issue), authorityKeyIdentifier)),
    ),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(scheme.algorithm, key, tbs));
  return encode(sequence(tbs, scheme.algorithmIdentifier, bitString(scheme.toDer(signature))));
}

/** Critical for a request, so that no party takes the certificate for another one; clients show those of whoami to tools. */
function encodeNonce({ nonce, purpose }: Issue): readonly Uint8Array[] {
  return nonce === undefined ? [] : [encodeExtension(ID_PE_NONCE, ia5String(nonce), purpose !== 'whoami')];
}

/** All certificates of one second have the same Validity; it is encoded once. */
let lastValidity = { second: Number.NaN, seconds: 0, der: new Uint8Array(0) };

function encodeValidity({ notBefore, seconds }: Issue): Uint8Array {
  const second = Math.floor(notBefore / 1000);
  if (second !== lastValidity.second || seconds !== lastValidity.seconds) {
    const der = encode(sequence(encodeTime(second * 1000), encodeTime((second + seconds) * 1000)));
    lastValidity = { second, seconds, der };
  }
  return lastValidity.der;
}
