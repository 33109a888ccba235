/** The requests that answers are compared by. An adversary has GUIDs, and key identifiers that it has seen, and no key. */

import { randomBytes } from 'node:crypto';
import type { Recipient } from '../../shared/cms/recipients/recipient-type.ts';
import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { encodeRequest } from '../../shared/encoding/bhttp/request.ts';
import { concat, utf8 } from '../../shared/encoding/bytes.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { newNonce } from '../../shared/protocol/nonce.ts';
import { parseCertificate } from '../../shared/x509/certificate.ts';
import { digestOf, signedFields } from '../../test/support/raw-signing.ts';
import type { Message } from '../observing/exchange.ts';
import type { Client } from '../population/clients.ts';
import { FIELDS, type Form } from './forms.ts';

/** A GUID that is asked for. */
export interface Subject {
  readonly guid: string;
  /** base64url of the key identifier in an earlier answer. */
  readonly keyid: string;
}

/** The facts of a deployment that requests are made of. */
export interface Facts {
  readonly url: URL;
  /** The origin's key, and the path of sealed requests. */
  readonly origin: Recipient;
  readonly sealedPath: string;
}

export interface Route {
  readonly name: string;
  readonly forms: readonly Form[];
  readonly isSafe: boolean;
  /** True where no imitation can know the answer: figures are shown, and no bound is held. */
  readonly isLeft: boolean;
  message(subject: Subject, form: Form, facts: Facts): Promise<Message>;
  /** The request of a real client. */
  realMessage(client: Client, form: Form, facts: Facts): Promise<Message>;
}

export const subjectOf = ({ guid, device }: Client): Subject => ({ guid, keyid: device.keyid });

/** Beginning of the names of requests for what was not asked for before. */
const UNSEEN = 'unseen';

/** @param change gives what is another one each time. */
function reading(
  name: string,
  path: string,
  forms: readonly Form[] = ['plain', 'bhttp', 'signed'],
  change: () => Partial<Message> = () => ({}),
): Route {
  const message = async ({ guid }: Pick<Subject, 'guid'>, form: Form): Promise<Message> => {
    const { headers, ...others } = change();
    return { method: 'GET', path, headers: { 'CALE-GUID': guid, ...FIELDS[form](), ...headers }, ...others };
  };
  return { name, forms, isSafe: true, isLeft: name.startsWith(UNSEEN), message, realMessage: message };
}

const BODY = JSON.stringify({ note: 'Remember the milk.' });
const CONTENT_TYPE = 'application/json';
const NOT_A_SIGNATURE_BYTES = 64;

/** A write whose signature is of good form and by no key. */
const writing: Route = {
  name: 'write',
  forms: ['plain', 'bhttp'],
  isSafe: false,
  isLeft: false,
  async message({ guid, keyid }, form) {
    const components = '("@method" "@target-uri" "cale-nonce" "content-digest" "content-type")';
    return {
      method: 'POST',
      path: '/echo',
      headers: {
        'CALE-GUID': guid,
        ...FIELDS[form](),
        'CALE-Nonce': newNonce(Date.now()),
        'Content-Type': CONTENT_TYPE,
        'Content-Digest': digestOf(BODY),
        'Signature-Input': `cale=${components};keyid="${keyid}";tag="cale-request"`,
        Signature: `cale=:${randomBytes(NOT_A_SIGNATURE_BYTES).toString('base64')}:`,
      },
      body: utf8(BODY),
    };
  },
  async realMessage({ guid, device }, form, { url }) {
    const request = { method: 'POST', url: new URL('/echo', url).href, body: BODY, contentType: CONTENT_TYPE };
    const fields = await signedFields(device, { ...request, nonce: newNonce(Date.now()) });
    return {
      method: 'POST',
      path: '/echo',
      headers: { 'CALE-GUID': guid, ...FIELDS[form](), ...fields },
      body: utf8(BODY),
    };
  },
};

const UNSEEN_LENGTH = { least: 1000, span: 8000 };

/** A route that others ask on, with a parameter that none of them had, and that the answer depends on. */
const unseen = reading(UNSEEN, '', ['plain', 'bhttp'], () => {
  const askedLength = UNSEEN_LENGTH.least + Math.floor(Math.random() * UNSEEN_LENGTH.span);
  return { path: `/resource/${askedLength}`, askedLength };
});

/** A request that others make, with a field that none of them had: an answer could depend on it. */
const unseenField = reading(`${UNSEEN} field`, '/resource/100', ['plain', 'bhttp'], () => ({
  headers: { 'Accept-Language': `en-x-${randomBytes(4).toString('hex')}` },
}));

/** A request that was sealed by the adversary: it reads, so that it needs no signature. */
const sealed: Route = {
  name: 'sealed',
  forms: ['plain', 'bhttp'],
  isSafe: false,
  isLeft: false,
  async message({ guid, keyid }, form, { url, origin, sealedPath }) {
    const nonce = newNonce(Date.now());
    const inner = encodeRequest({
      method: 'GET',
      targetUri: new URL('/resource/100', url).href,
      headers: [
        ['cale-nonce', nonce],
        ['cale-key', keyid],
      ],
      content: new Uint8Array(0),
    });
    return {
      method: 'POST',
      path: sealedPath,
      headers: {
        'CALE-GUID': guid,
        ...FIELDS[form](),
        'CALE-Nonce': nonce,
        'Content-Type': 'application/pkcs7-mime; smime-type=authEnveloped-data',
      },
      body: concat(await seal(origin, 'AES-256-GCM', inner)),
    };
  },
  realMessage: (client, form, facts) => sealed.message(subjectOf(client), form, facts),
};

export const CONSTANT = reading('constant', '/resource/100');
export const MISSING = reading('missing', '/there/is/no/such/path');
export const WRITING = writing;
export const SEALED = sealed;

export const ROUTES: readonly Route[] = [
  CONSTANT,
  reading('varying', '/note'),
  reading('subrequest', '/resource'),
  MISSING,
  reading('scoped', '/scoped'),
  unseen,
  unseenField,
  writing,
  sealed,
  // whoami knows no other form of content. A nonce makes it longer.
  reading('whoami', '/whoami', ['plain', 'signed']),
];

/** @returns the facts of a deployment, from its document. */
export async function learnFacts(url: URL): Promise<Facts> {
  const document = (await (await fetch(new URL('/.well-known/cale', url))).json()) as {
    readonly endpoints: { readonly sealed: string };
    readonly originEncryptionCertificate: string;
  };
  const [der = new Uint8Array(0)] = parsePem('CERTIFICATE', document.originEncryptionCertificate);
  const origin = await importRecipient(parsePublicKey(parseCertificate(der).spki));
  return { url, origin, sealedPath: document.endpoints.sealed };
}
