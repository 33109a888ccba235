import { beforeAll, describe, expect, test } from 'vitest';
import type { AccountKey } from '../../../../client/account.ts';
import { CaleError, type CaleErrorCode } from '../../../../client/errors.ts';
import { EdgeClock } from '../../../../client/exchange/clock.ts';
import { openResponse } from '../../../../client/exchange/open-response.ts';
import { importPrivateKey, importRecipient } from '../../../../shared/cms/recipients/recipients.ts';
import { seal } from '../../../../shared/cms/seal.ts';
import { encodeBase64Lines } from '../../../../shared/encoding/base64.ts';
import { concat, parseUtf8, utf8 } from '../../../../shared/encoding/bytes.ts';
import { createKey } from '../../../support/keys.ts';

const DER = 'application/pkcs7-mime';
const BASE64 = 'application/x-pkcs7-mime; smime-type=authEnveloped-data';
const CONTENT = 'x'.repeat(2000);

let key: AccountKey;
let message: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  const { publicKey, pkcs8 } = await createKey('P-256');
  const recipient = await importRecipient(publicKey);
  key = await importPrivateKey(recipient.keyIdentifier, pkcs8, crypto.subtle);
  message = concat(await seal(recipient, 'AES-256-GCM', utf8(CONTENT)));
});

const open = async (body: BodyInit | null, type: string, maxOctets = 10_000, headers: Record<string, string> = {}) => {
  const platform = { crypto, subtle: crypto.subtle, fetch, clock: new EdgeClock() };
  const response = new Response(body, { headers: { 'Content-Type': type, ...headers } });
  const { content } = await openResponse({ platform, maxOctets }, response, key);
  return parseUtf8(content);
};
const codeOf = (opened: Promise<string>): Promise<CaleErrorCode | 'opened'> =>
  opened.then(
    () => 'opened',
    (error: unknown) => (error instanceof CaleError ? error.code : expect.unreachable(String(error))),
  );

/** A body in pieces, without a Content-Length; `rest` is called for what is behind them. */
function streamOf(pieces: readonly Uint8Array[], rest: (controller: ReadableStreamDefaultController) => void) {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) rest(controller);
      else controller.enqueue(piece);
    },
  });
}

test('an answer is opened from DER and from base64', async () => {
  expect(await open(message, DER)).toBe(CONTENT);
  expect(await open(message, `${DER}; smime-type=authEnveloped-data; name="smime.p7m"`)).toBe(CONTENT);
  expect(await open(encodeBase64Lines(message), BASE64)).toBe(CONTENT);
});

describe('is too large:', () => {
  test('an answer of one byte more than is read, and of no byte less', async () => {
    expect(await codeOf(open(message, DER, message.length))).toBe('opened');
    expect(await codeOf(open(message, DER, message.length - 1))).toBe('too-large');
  });

  test('an answer that says so of itself, before a byte of it is read', async () => {
    const body = streamOf([], () => expect.unreachable('it was read'));
    expect(await codeOf(open(body, DER, 10_000, { 'Content-Length': '10001' }))).toBe('too-large');
  });

  test('an answer without an end, of which no more is read', async () => {
    let pieces = 0;
    const body = streamOf([], (controller) => {
      pieces++;
      controller.enqueue(new Uint8Array(1000));
    });
    expect(await codeOf(open(body, DER, 10_000))).toBe('too-large');
    expect(pieces).toBeLessThan(20);
  });
});

describe('is unreadable, not too large:', () => {
  test('an answer that is altered, cut off, empty, or no base64', async () => {
    const altered = message.slice();
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    expect(await codeOf(open(altered, DER))).toBe('unreadable');
    expect(await codeOf(open(message.slice(0, -1), DER))).toBe('unreadable');
    expect(await codeOf(open(null, DER))).toBe('unreadable');
    expect(await codeOf(open('%', BASE64))).toBe('unreadable');
  });
});

test('an answer of another type is not sealed, of any length', async () => {
  expect(await codeOf(open(message, 'text/html', 1))).toBe('not-sealed');
});

test('a connection that breaks is a network error', async () => {
  const body = streamOf([message.subarray(0, 10)], (controller) => controller.error(new TypeError('gone')));
  expect(await codeOf(open(body, DER))).toBe('network');
});
