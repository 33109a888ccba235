/** Answers of whoami: a certificate of the authority for the asking key, which repeats the nonce. */

import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { seal } from '../../../shared/cms/seal.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { concat, utf8 } from '../../../shared/encoding/bytes.ts';
import { encodePem } from '../../../shared/encoding/pem.ts';
import { encodeCommonName } from '../../../shared/x509/name.ts';
import { parseTrustAnchor } from '../../../shared/x509/trust-anchor.ts';
import { type Issue, issueCertificate } from '../../../workers/authority/issuance/issue.ts';
import { type Issuer, importIssuer } from '../../../workers/authority/issuance/issuer.ts';
import { encodeSubjectTemplate } from '../../../workers/authority/issuance/subject-template.ts';
import { flip, sealedBody } from './bytes.ts';
import { NONCE, NOW_SECONDS, ORGANIZATION, OTHER_NONCE } from './exchange.ts';
import type { KeptTests } from './kept.ts';
import { type ClientKey, derOfPem, recipientOf } from './keys.ts';
import { type EdgeFile, VECTORS_VERSION, type VectorFile, type WhoamiVector } from './schema.ts';

const IDENTITY = { owner: 'alice', organization: ORGANIZATION, scopes: ['read', 'write'] };
/** A day before the nonce's time: certificates of whoami have ended before they are issued. */
const ISSUED = (NOW_SECONDS - 86_400) * 1000;

interface Made {
  /** Id of the key that it is for; by default that which it is sealed to. */
  readonly subject?: string;
  readonly issue?: Partial<Issue>;
  readonly authority?: string;
  readonly cipher?: ContentEncryptionName;
  readonly change?: (der: Uint8Array<ArrayBuffer>) => string;
}

export async function makeWhoami(
  kept: KeptTests<WhoamiVector>,
  keys: (id: string) => ClientKey,
  edge: EdgeFile,
): Promise<VectorFile<WhoamiVector>> {
  const make = async (
    key: string,
    {
      subject = key,
      issue,
      authority = 'authority',
      cipher = 'AES-256-GCM',
      change = (der) => encodePem('CERTIFICATE', der),
    }: Made,
  ): Promise<Pick<WhoamiVector, 'answer' | 'content'>> => {
    const { parsed, accountKey } = keys(subject);
    const template = encodeSubjectTemplate({
      subject: encodeCommonName('phone'),
      publicKey: parsed,
      keyIdentifier: accountKey.keyIdentifier,
      identity: IDENTITY,
    });
    const issuer = await issuerOf(edge, authority);
    const whoami: Issue = { purpose: 'whoami', notBefore: ISSUED, seconds: 0, nonce: NONCE, ...issue };
    const content = change(await issueCertificate(issuer, template, whoami));
    const parts = await seal(await recipientOf(keys(key)), cipher, utf8(content));
    return { answer: sealedBody(concat(parts), !cipher.endsWith('CBC')), content };
  };

  const tests: WhoamiVector[] = [];
  for (const key of KEY_TYPE_NAMES) {
    const given = { id: key, key, nonce: NONCE, valid: true, ...IDENTITY, device: 'CN=phone' };
    tests.push(await kept.take(given, () => make(key, {})));
  }
  for (const [id, [reason, made]] of Object.entries(REFUSED)) {
    const given = { id, key: 'P-256', nonce: NONCE, valid: false, fault: 'unreadable', reason };
    tests.push(await kept.take(given, () => make('P-256', made)));
  }
  return { version: VECTORS_VERSION, tests };
}

const REFUSED: Readonly<Record<string, readonly [reason: string, made: Made]>> = {
  'another nonce': ['It repeats the nonce of another request.', { issue: { nonce: OTHER_NONCE } }],
  'no nonce': ['It repeats no nonce.', { issue: { nonce: undefined } }],
  'key of another': ['It is for another key.', { subject: 'P-256-other' }],
  'for a request': [
    'Its purpose is clientAuth: the certificate of a request.',
    { issue: { purpose: 'request', seconds: 10 } },
  ],
  'for a decoy': ['Its purpose is that of decoys.', { issue: { purpose: 'decoy', seconds: 10 } }],
  'another authority': ['Another authority of the same name issued it.', { authority: 'other-authority' }],
  'signature altered': [
    'The last bit of its signature was changed.',
    { change: (der) => encodePem('CERTIFICATE', flip(der, -1)) },
  ],
  'AES-CBC': ['The content is encrypted by AES-CBC, which can have been altered.', { cipher: 'AES-256-CBC' }],
  'two certificates': [
    'There are two certificates.',
    { change: (der) => encodePem('CERTIFICATE', der) + encodePem('CERTIFICATE', der) },
  ],
};

async function issuerOf({ parties }: EdgeFile, name: string): Promise<Issuer> {
  const party = parties[name];
  if (party === undefined) throw new TypeError(`no party ${name}`);
  const anchor = parseTrustAnchor(derOfPem('CERTIFICATE', party.certificate));
  return importIssuer(anchor, derOfPem('PRIVATE KEY', party.key));
}
