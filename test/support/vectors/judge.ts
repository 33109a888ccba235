/** What the library makes of vectors: each one is opened and verified as a client, or an origin, does it. */

import type { Account } from '../../../client/account.ts';
import { CaleError } from '../../../client/errors.ts';
import { openResponse } from '../../../client/exchange/open-response.ts';
import { tryParseCredentials } from '../../../client/exchange/parse-credentials.ts';
import { unsignedError } from '../../../client/exchange/unsigned-problem.ts';
import { type FindKey, isSignedAnswer } from '../../../client/exchange/verify-answer.ts';
import { anchorsOf, findOriginKey, loadAuthorities } from '../../../client/trust.ts';
import { readWhoami } from '../../../client/whoami.ts';
import { openRequest } from '../../../origin/open-request.ts';
import { importPrivateKey } from '../../../shared/cms/recipients/recipients.ts';
import { keyIdentifier, parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { encodeBase64, encodeBase64Url, parseBase64 } from '../../../shared/encoding/base64.ts';
import { parseRequest } from '../../../shared/encoding/bhttp/request.ts';
import { parseResponse } from '../../../shared/encoding/bhttp/response.ts';
import { hex, parseUtf8 } from '../../../shared/encoding/bytes.ts';
import { tryParse } from '../../../shared/encoding/error.ts';
import { tryParseJsonObject } from '../../../shared/encoding/json.ts';
import { parseLatin1 } from '../../../shared/encoding/latin1.ts';
import type { ClientCertificate } from '../../../shared/protocol/client-certificate.ts';
import { tryParseGuid } from '../../../shared/protocol/guid.ts';
import {
  encodeSignatureBase,
  parseSignatureFields,
  type RequestMessage,
} from '../../../shared/protocol/http-signature.ts';
import { verifyOriginCertificate } from '../../../shared/protocol/origin-certificate.ts';
import { isSafeMethod } from '../../../shared/protocol/signed-request.ts';
import { faultOfRequest } from '../../../shared/protocol/verify-request.ts';
import { parseCertificate } from '../../../shared/x509/certificate.ts';
import { formatName, parseName } from '../../../shared/x509/name.ts';
import { verifyCsr } from '../../../workers/authority/registration/csr-policy.ts';
import type { Bytes } from './bytes.ts';
import { messageOf, NOW_SECONDS } from './exchange.ts';
import { type ClientKey, derOfPem, importKeys } from './keys.ts';
import type {
  BinaryHttpVector,
  CertificateVector,
  CredentialsVector,
  EdgeDocument,
  KeyVector,
  RegistrationVector,
  SealedAnswerVector,
  SealedBody,
  SealedRequestVector,
  SignedAnswerVector,
  SignedRequestVector,
  Vectors,
  VectorTest,
  WhoamiVector,
} from './schema.ts';

/** Members that a verdict gives; a test has to have the same. */
export type Verdict = Readonly<Record<string, unknown>>;

const MAX_OCTETS = 1 << 20;

const REFUSED = (fault: string): Verdict => ({ valid: false, fault });

/** Judges tests of each file. */
export class Judge {
  readonly #keys: (id: string) => ClientKey;
  readonly #document: EdgeDocument;
  readonly #trust: { readonly authorities: string; readonly issuers: string };
  readonly #originKey: Bytes;

  private constructor(
    keys: (id: string) => ClientKey,
    document: EdgeDocument,
    trust: { readonly authorities: string; readonly issuers: string },
    originKey: Bytes,
  ) {
    this.#keys = keys;
    this.#document = document;
    this.#trust = trust;
    this.#originKey = originKey;
  }

  static async create({ keys, edge }: Pick<Vectors, 'keys' | 'edge'>): Promise<Judge> {
    const { document, parties } = edge;
    const authorities = await loadAuthorities(crypto.subtle);
    const trust = await authorities.pin(document.authorityCertificates.join(''), undefined);
    const originKey = derOfPem('PRIVATE KEY', parties['origin-encryption']?.key ?? '');
    return new Judge(await importKeys(keys), document, trust, originKey);
  }

  /** @returns the verdict on each test of a file, by the id of the test. */
  async file<Name extends keyof Vectors>(name: Name, { tests }: Vectors[Name]): Promise<Map<string, Verdict>> {
    const judge = this.#of(name) as (test: VectorTest) => Promise<Verdict>;
    const verdicts = new Map<string, Verdict>();
    for (const test of tests) verdicts.set(test.id, await judge(test));
    return verdicts;
  }

  #of(name: keyof Vectors): (test: never) => Promise<Verdict> {
    const judges: { readonly [Name in keyof Vectors]: (test: Vectors[Name]['tests'][number]) => Promise<Verdict> } = {
      keys: (test) => this.#key(test),
      edge: (test) => this.#certificate(test),
      registration: (test) => this.#registration(test),
      'sealed-answers': (test) => this.#sealedAnswer(test),
      'binary-http': async (test) => judgeBinaryHttp(test),
      'signed-answers': (test) => this.#signedAnswer(test),
      'signed-requests': (test) => this.#signedRequest(test),
      'sealed-requests': (test) => this.#sealedRequest(test),
      whoami: (test) => this.#whoami(test),
      credentials: (test) => this.#credentials(test),
    };
    return judges[name];
  }

  async #key({ csr, publicKey }: KeyVector): Promise<Verdict> {
    const verified = await verifyCsr(derOfPem('CERTIFICATE REQUEST', csr));
    if (!verified.ok) return REFUSED(verified.fault);
    const { publicKey: key, keyIdentifier: identifier, subject } = verified.value;
    const isSame = encodeBase64(key.spki) === encodeBase64(derOfPem('PUBLIC KEY', publicKey));
    return {
      keyType: isSame ? key.keyType : undefined,
      subject: formatName(parseName(subject as Bytes)),
      subjectKeyIdentifier: hex(identifier),
      keyid: encodeBase64Url(identifier),
    };
  }

  async #certificate({ certificate, use }: CertificateVector): Promise<Verdict> {
    const der = derOfPem('CERTIFICATE', certificate);
    const key = await verifyOriginCertificate(der, use, { anchors: anchorsOf(this.#trust), now: Date.now() });
    return { valid: key !== undefined };
  }

  #open(key: string, { body, binary, contentType }: SealedBody, allowUnauthenticated: boolean) {
    const response = new Response(binary ? parseBase64(body) : body, { headers: { 'Content-Type': contentType } });
    const settings = { platform: { subtle: crypto.subtle }, maxOctets: MAX_OCTETS } as never;
    return openResponse(settings, response, this.#keys(key).accountKey, { allowUnauthenticated });
  }

  #sealedAnswer(test: SealedAnswerVector): Promise<Verdict> {
    return orFault(async () => {
      const { content, isAuthenticated } = await this.#open(test.key, test, true);
      return { valid: true, authenticated: isAuthenticated, content: encodeBase64(content) };
    });
  }

  #registration({ key, answer }: RegistrationVector): Promise<Verdict> {
    return orFault(async () => {
      const { content } = await this.#open(key, answer, false);
      const guid = tryParseGuid(parseLatin1(content));
      return guid === undefined ? REFUSED('unreadable') : { valid: true, guid, content: parseUtf8(content) };
    });
  }

  #signedAnswer({ key, sealed, message, requests, signatureBase }: SignedAnswerVector): Promise<Verdict> {
    return orFault(async () => {
      const { content: inside, isAuthenticated = false } = sealed ? await this.#open(key, sealed, true) : {};
      const opened = inside && encodeBase64(inside);
      const answer = tryParse(() => parseResponse(parseBase64(message)));
      if (answer === undefined) return REFUSED('unreadable');
      const { status, headers: fields, content } = answer;
      const all = requests.map(messageOf);
      const findKey: FindKey = (keyid) =>
        findOriginKey(this.#document.originCertificates.join(''), 'signing', keyid, this.#trust, crypto.subtle);
      const isSigned = await isSignedAnswer(answer, all, findKey, crypto.subtle);
      if (!isSigned) {
        const error = isAuthenticated ? await unsignedError(answer) : new CaleError('unreadable');
        const problem = error.refusal?.problem;
        return {
          ...REFUSED(error.code),
          ...(problem !== undefined && { problem }),
          ...(opened !== undefined && { message: opened }),
        };
      }
      const signature = parseSignatureFields(fields);
      const bases = all.map((request) => parseUtf8(encodeSignatureBase(signature, { status, fields, request })));
      return {
        valid: true,
        message: opened,
        status,
        fields,
        content: encodeBase64(content),
        signatureBase: bases.find((base) => base === signatureBase),
      };
    });
  }

  async #signedRequest(test: SignedRequestVector): Promise<Verdict> {
    const fault = await this.#faultOf(test, test.nonce, test.key, parseBase64(test.content));
    if (fault !== undefined) return REFUSED(fault);
    return { valid: true, signatureBase: parseUtf8(encodeSignatureBase(parseSignatureFields(test.fields), test)) };
  }

  #faultOf(message: RequestMessage, nonce: string, key: string, content: Bytes): Promise<string | undefined> {
    const { parsed, accountKey } = this.#keys(key);
    const signer = { publicKey: parsed, keyIdentifier: accountKey.keyIdentifier as Bytes, nonce };
    return faultOfRequest(message, content, signer, VERIFIERS, NOW_SECONDS * 1000);
  }

  async #sealedRequest({ key, nonce, url, body }: SealedRequestVector): Promise<Verdict> {
    const { spki } = parseCertificate(derOfPem('CERTIFICATE', this.#document.originEncryptionCertificate));
    const identifier = await keyIdentifier(parsePublicKey(spki));
    const opening = await importPrivateKey(identifier, this.#originKey, crypto.subtle);
    const client = { keyIdentifier: this.#keys(key).accountKey.keyIdentifier, nonce } as ClientCertificate;
    const opened = await openRequest(parseBase64(body), [opening], client, url);
    if (!opened.ok) return REFUSED(opened.fault);
    const { method, targetUri, headers: fields, content } = opened.value;
    const isWrite = !isSafeMethod(method);
    const fault = isWrite ? await this.#faultOf({ method, targetUri, fields }, nonce, key, content) : undefined;
    return fault === undefined
      ? { valid: true, method, targetUri, fields, content: encodeBase64(content) }
      : REFUSED(fault);
  }

  #credentials({ key, nonce, method, answer }: CredentialsVector): Promise<Verdict> {
    return orFault(async () => {
      const content = parseUtf8((await this.#open(key, answer, false)).content).trimEnd();
      const said = tryParse(() => tryParseJsonObject(content));
      if (said?.['nonce'] !== nonce) return REFUSED('unreadable');
      const isRead = method === 'GET' ? tryParseCredentials(said['credentials']) !== undefined : 'revoked' in said;
      return isRead ? { valid: true, content } : REFUSED('unreadable');
    });
  }

  #whoami({ key, nonce, answer }: WhoamiVector): Promise<Verdict> {
    return orFault(async () => {
      const { content } = await this.#open(key, answer, false);
      const account = { key: this.#keys(key).accountKey, ...this.#trust } as Account;
      const whoami = await readWhoami(content, account, nonce, crypto.subtle);
      if (whoami === undefined) return REFUSED('unreadable');
      const { owner, organization, scopes, device } = whoami;
      return { valid: true, owner, organization, scopes, device, content: parseUtf8(content) };
    });
  }
}

const VERIFIERS: Parameters<typeof faultOfRequest>[3] = {
  verifier: (key, { keyAlgorithm }) => crypto.subtle.importKey('spki', key.spki, keyAlgorithm, false, ['verify']),
};

async function orFault(judge: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await judge();
  } catch (error) {
    if (error instanceof CaleError) return REFUSED(error.code);
    throw error;
  }
}

function judgeBinaryHttp({ kind, message }: BinaryHttpVector): Verdict {
  const bytes = parseBase64(message);
  if (kind === 'request') {
    const request = tryParse(() => parseRequest(bytes));
    if (request === undefined) return REFUSED('malformed');
    const { method, targetUri, headers: fields, content } = request;
    return { valid: true, method, targetUri, fields, content: encodeBase64(content) };
  }
  const response = tryParse(() => parseResponse(bytes));
  if (response === undefined) return REFUSED('malformed');
  const { status, headers: fields, content } = response;
  return { valid: true, status, fields, content: encodeBase64(content) };
}
