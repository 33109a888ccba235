/** Signed answers and writes, and sealed requests: each part alone, and a sealing and an opening with the signature in it. */

import { sealRequest } from '../../client/exchange/seal-request.ts';
import { signRequest } from '../../client/exchange/sign-request.ts';
import { isSignedAnswer } from '../../client/exchange/verify-answer.ts';
import { createClientKeys } from '../../origin/client-keys.ts';
import { createHttpSigner, type HttpSigner } from '../../origin/keys.ts';
import { openRequest } from '../../origin/open-request.ts';
import { sealAnswer, signAnswer } from '../../origin/respond.ts';
import { open } from '../../shared/cms/open.ts';
import { seal } from '../../shared/cms/seal.ts';
import { encodeBase64Url } from '../../shared/encoding/base64.ts';
import { encodeResponse, parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { concat } from '../../shared/encoding/bytes.ts';
import { ReusedBuffer } from '../../shared/encoding/reused-buffer.ts';
import type { ClientCertificate } from '../../shared/protocol/client-certificate.ts';
import type { RequestMessage } from '../../shared/protocol/http-signature.ts';
import { CMS_TYPE } from '../../shared/protocol/media-types.ts';
import { newNonce } from '../../shared/protocol/nonce.ts';
import type { OriginPublicKey } from '../../shared/protocol/origin-certificate.ts';
import { padme } from '../../shared/protocol/padding.ts';
import { encodeSealedBody, negotiateFormat } from '../../shared/protocol/sealed-response.ts';
import { faultOfRequest } from '../../shared/protocol/verify-request.ts';
import { openBare, sealBare } from '../parties/bare-calls.ts';
import { type Client, createClient } from '../parties/client.ts';
import { contentOf } from '../parties/content.ts';
import type { Subjects } from './subject.ts';

const CIPHER = 'AES-256-GCM';
const FORMAT = negotiateFormat(CIPHER, CMS_TYPE);
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const URL_OF_REQUEST = 'https://api.example.com/balance';
const FIELDS = [
  ['content-type', 'application/json'],
  ['cache-control', 'private'],
] as const;

/** The bare calls of a signature: a digest of the content, and ECDSA over as many bytes as a signature base has. */
interface BareSignature {
  sign(content: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  verify(content: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

const BASE = new Uint8Array(450);

async function createBareSignature(): Promise<BareSignature> {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey(ECDSA, false, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
  const signature = await crypto.subtle.sign(ECDSA, privateKey, BASE);
  return {
    async sign(content) {
      await crypto.subtle.digest('SHA-256', content);
      return crypto.subtle.sign(ECDSA, privateKey, BASE);
    },
    async verify(content) {
      await crypto.subtle.digest('SHA-256', content);
      return crypto.subtle.verify(ECDSA, publicKey, signature, BASE);
    },
  };
}

/** An origin's key as it signs, and as clients verify by it. */
async function createOriginKey(): Promise<{ signer: HttpSigner; verifier: OriginPublicKey; client: Client }> {
  const client = await createClient('P-256');
  const { publicKey, pkcs8, recipient } = client;
  const { keyIdentifier } = recipient;
  const signer = createHttpSigner({ certificates: '', publicKey, keyIdentifier, pkcs8 });
  return { signer, verifier: { publicKey, keyIdentifier }, client };
}

const requestOf = (nonce: string, method = 'GET'): RequestMessage => ({
  method,
  targetUri: URL_OF_REQUEST,
  fields: [['cale-nonce', nonce]],
});

/** A request as answers are signed for it and as it is sealed: it names the client's key. */
function keyedRequestOf(client: Client, nonce = newNonce(Date.now())): RequestMessage {
  const request = requestOf(nonce);
  return { ...request, fields: [...request.fields, ['cale-key', encodeBase64Url(client.recipient.keyIdentifier)]] };
}

export const signedAnswer: Subjects = {
  async cale(bytes) {
    const [{ signer, client }, content] = [await createOriginKey(), contentOf(bytes)];
    const request = keyedRequestOf(client);
    return () => signAnswer({ status: 200, fields: FIELDS, request }, content, signer);
  },
  async limit(bytes) {
    const [bare, content] = [await createBareSignature(), contentOf(bytes)];
    return () => bare.sign(content);
  },
};

export const verifiedWrite: Subjects = {
  async cale(bytes) {
    const [client, content] = [await createClient('P-256'), contentOf(bytes)];
    const nonce = newNonce(Date.now());
    const message = { ...requestOf(nonce, 'POST'), fields: [...requestOf(nonce).fields, ...FIELDS] };
    const signed = await signRequest(message, content, client.privateKey, crypto.subtle);
    const { publicKey, recipient } = client;
    const certificate = { publicKey, keyIdentifier: recipient.keyIdentifier, nonce } as unknown as ClientCertificate;
    const keys = createClientKeys(1);
    return async () => {
      const fault = await faultOfRequest(signed, content, certificate, keys, Date.now());
      if (fault !== undefined) throw new Error(fault);
    };
  },
  async limit(bytes) {
    const [bare, content] = [await createBareSignature(), contentOf(bytes)];
    return () => bare.verify(content);
  },
};

export const sealedSigned: Subjects = {
  async cale(bytes) {
    const [{ signer }, client, content] = [await createOriginKey(), await createClient('P-256'), contentOf(bytes)];
    const request = keyedRequestOf(client);
    const messages = new ReusedBuffer(2 * bytes);
    return async () => {
      const headers = await signAnswer({ status: 200, fields: FIELDS, request }, content, signer);
      const sealContent = (message: Uint8Array<ArrayBuffer>) => seal(client.recipient, CIPHER, message);
      const parts = await sealAnswer({ status: 200, headers, content }, sealContent, messages);
      return encodeSealedBody(FORMAT, parts);
    };
  },
  async limit(bytes) {
    const [bare, client, content] = [await createBareSignature(), await createClient('P-256'), contentOf(bytes)];
    return async () => {
      await bare.sign(content);
      return sealBare(client, content);
    };
  },
};

export const openedSigned: Subjects = {
  async cale(bytes) {
    const [{ signer, verifier }, client, content] = [
      await createOriginKey(),
      await createClient('P-256'),
      contentOf(bytes),
    ];
    const request = keyedRequestOf(client);
    const headers = await signAnswer({ status: 200, fields: FIELDS, request }, content, signer);
    const message = concat(
      await seal(client.recipient, CIPHER, encodeResponse({ status: 200, headers, content }, padme)),
    );
    return async () => {
      const answer = parseResponse(await open(message, client.privateKey));
      if (!(await isSignedAnswer(answer, [request], async () => verifier, crypto.subtle)))
        throw new Error('not verified');
    };
  },
  async limit(bytes) {
    const [bare, client, content] = [await createBareSignature(), await createClient('P-256'), contentOf(bytes)];
    const message = await sealBare(client, content);
    return async () => {
      await openBare(client, message);
      await bare.verify(content);
    };
  },
};

export const openedRequest: Subjects = {
  async cale(bytes) {
    const [{ client: origin }, client, content] = [
      await createOriginKey(),
      await createClient('P-256'),
      contentOf(bytes),
    ];
    const nonce = newNonce(Date.now());
    const key = { publicKey: origin.publicKey, keyIdentifier: origin.recipient.keyIdentifier };
    const body = await sealRequest(keyedRequestOf(client, nonce), content, key, crypto);
    const certificate = { nonce, keyIdentifier: client.recipient.keyIdentifier } as unknown as ClientCertificate;
    return async () => {
      const opened = await openRequest(body, [origin.privateKey], certificate, URL_OF_REQUEST);
      if (!opened.ok) throw new Error(opened.fault);
    };
  },
  async limit(bytes) {
    const [client, content] = [await createClient('P-256'), contentOf(bytes)];
    const message = await sealBare(client, content);
    return () => openBare(client, message);
  },
};
