/** A client over raw HTTP that reads whole answers: its requests are plain, signed where they must be, or sealed. */

import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { encodeRequest } from '../../shared/encoding/bhttp/request.ts';
import { parseResponse } from '../../shared/encoding/bhttp/response.ts';
import { concat, parseUtf8, utf8 } from '../../shared/encoding/bytes.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { parseCertificate } from '../../shared/x509/certificate.ts';
import type { Device } from './device.ts';
import { ask, type Edge } from './harness.ts';
import { randomNonce, signedFields } from './raw-signing.ts';
import { WHOLE_ANSWER } from './test-origin.ts';

export interface RawInit {
  readonly method?: string;
  /** Beside those of the protocol. */
  readonly fields?: readonly (readonly [string, string])[];
  readonly body?: string;
}

export interface WholeAnswer {
  readonly status: number;
  /** In their order. */
  readonly fields: readonly (readonly [string, string])[];
  readonly text: string;
}

export interface RawClient {
  /** @throws {OpenError} when the answer is a decoy. */
  ask(path: string, init?: RawInit): Promise<WholeAnswer>;
  /** Does what `ask` does, by a sealed request. */
  askSealed(path: string, init?: RawInit): Promise<WholeAnswer>;
}

export function createRawClient(edge: Edge, { device, guid }: { device: Device; guid: string }): RawClient {
  const urlOf = (path: string) => new URL(edge.url).origin + path;

  async function protocolFields(path: string, { method = 'GET', body = '' }: RawInit, nonce: string) {
    if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return { 'cale-nonce': nonce };
    return signedFields(device, { method, url: urlOf(path), nonce, body, contentType: body && 'text/plain' });
  }

  async function open(answer: Awaited<ReturnType<typeof ask>>): Promise<WholeAnswer> {
    const message = new Uint8Array(await answer.arrayBuffer());
    const { status, headers: fields, content } = parseResponse(await device.openBytes(message));
    return { status, fields, text: parseUtf8(content) };
  }

  return {
    async ask(path, init = {}) {
      const { method = 'GET', fields = [], body } = init;
      const own = await protocolFields(path, init, randomNonce());
      const headers = { ...Object.fromEntries(fields), ...WHOLE_ANSWER, ...own };
      return open(await ask(edge, path, guid, { method, headers, ...(body !== undefined && { body }) }));
    },
    async askSealed(path, init = {}) {
      const { method = 'GET', fields = [], body = '' } = init;
      const nonce = randomNonce();
      const own = Object.entries(await protocolFields(path, init, nonce));
      const inner = encodeRequest({
        method,
        targetUri: urlOf(path),
        headers: [...own, ['cale-key', device.keyid], ...fields.map(lowerCased)],
        content: utf8(body),
      });
      const recipient = await importRecipient(parsePublicKey(await originKeyOf(edge)));
      return open(
        await ask(edge, '/.well-known/cale/sealed', guid, {
          method: 'POST',
          headers: { ...WHOLE_ANSWER, 'Content-Type': 'application/pkcs7-mime', 'CALE-Nonce': nonce },
          body: concat(await seal(recipient, 'AES-256-GCM', inner)),
        }),
      );
    },
  };
}

async function originKeyOf({ server }: Edge): Promise<Uint8Array<ArrayBuffer>> {
  const document = (await (await server.fetch('/.well-known/cale')).json()) as Record<string, string>;
  const [der = new Uint8Array(0)] = parsePem('CERTIFICATE', document['originEncryptionCertificate'] ?? '');
  return parseCertificate(der).spki;
}

const lowerCased = ([name, value]: readonly [string, string]): readonly [string, string] => [name.toLowerCase(), value];
