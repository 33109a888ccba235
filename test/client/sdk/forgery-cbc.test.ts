/**
 * Content that is not authenticated (AES-CBC): it is read only under the origin's signature, and whatever else is made of
 * it, the client says and does the same, so that it answers no question about what is inside (Vaudenay, EUROCRYPT 2002).
 */

import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { KeyType } from '../../../client/index.ts';
import { createHttpSigner } from '../../../origin/keys.ts';
import { signAnswer } from '../../../origin/respond.ts';
import { contentEncryptionOf } from '../../../shared/cms/content-encryption.ts';
import { encodeEnvelopedMessage, parseEnvelopedMessage } from '../../../shared/cms/enveloped-data.ts';
import { open } from '../../../shared/cms/open.ts';
import { keyIdentifier } from '../../../shared/crypto/keys/public-key.ts';
import { utf8 } from '../../../shared/encoding/bytes.ts';
import { encode } from '../../../shared/encoding/der/writer.ts';
import {
  byPath,
  createMiddle,
  createVictim,
  outcomeOf,
  sealedAnswerFor,
  sealedFor,
  sealedResponse,
  type Tamper,
  UNREADABLE,
  type Victim,
  withDocument,
} from '../../support/middle.ts';
import { certify, importAuthority } from '../../support/minting.ts';
import type {} from '../../support/provided.ts';

const EDGE = inject('edge');
const ALICE = `Basic ${btoa('alice:wonderland')}`;
const PATH = '/resource/40';
const BLOCK_BYTES = 16;

type Bytes = Uint8Array<ArrayBuffer>;

const registration = { edge: EDGE, authorization: ALICE };
const bytesOf = async (response: Response): Promise<Bytes> => new Uint8Array(await response.arrayBuffer());

/** What the client makes of an answer, and how many requests it sends for that. */
async function outcome({ client, middle }: Victim, how: Tamper): Promise<[outcome: string, requests: number]> {
  const before = middle.requests.length;
  middle.tamper(byPath({ [PATH]: how }));
  const came = await outcomeOf(client.fetch(PATH));
  middle.tamper(undefined);
  return [came, middle.requests.length - before];
}

/** True when the client's key opens it: what an attacker would like to be told. */
const isOpened = (message: Bytes, { account }: Victim): Promise<boolean> =>
  open(message, account.key, { allowUnauthenticated: true }).then(
    () => true,
    () => false,
  );

/** The message with other bytes in place of those at the end of its ciphertext, which is what it ends with. */
function withEnd(message: Bytes, change: (end: Bytes) => void, length = 2 * BLOCK_BYTES): Bytes {
  const altered = message.slice();
  change(altered.subarray(altered.length - length));
  return altered;
}

/** AuthEnvelopedData as EnvelopedData with AES-CBC: the same wrapped key, one block of the same ciphertext. */
function relabelled(message: Bytes, iv: Bytes): Bytes {
  const { recipientInfos, encrypted } = parseEnvelopedMessage(message);
  const [info] = recipientInfos;
  if (info === undefined) throw new Error('no recipient');
  const content = { ciphertext: encrypted.ciphertext.subarray(0, BLOCK_BYTES), tag: new Uint8Array(0) };
  return encode(encodeEnvelopedMessage(contentEncryptionOf('AES-256-CBC'), info.encoding, iv, content));
}

describe.each(['P-256', 'RSA-2048'] satisfies KeyType[])('of a %s client', (key) => {
  let signed: Victim;
  /** Its edge publishes no certificate, and has its answers taken unsigned. */
  let unsigned: Victim;
  beforeAll(async () => {
    signed = await createVictim(registration, key);
    const silent = createMiddle(byPath(withDocument(({ originCertificates, ...document }) => document)));
    unsigned = await createVictim(registration, key, silent);
    expect([signed, unsigned].map(({ account }) => account.answersSigned)).toEqual([true, false]);
  });

  test('an honest answer in it is read under its signature, and not without', async () => {
    const inCbc =
      (victim: Victim): Tamper =>
      async (_, forward) =>
        sealedAnswerFor(victim.recipient, await victim.open(await forward()), 'AES-256-CBC');
    expect(await outcome(signed, inCbc(signed))).toEqual(['read: 200', 1]);
    expect(await outcome(unsigned, inCbc(unsigned))).toEqual([UNREADABLE, 1]);
  });

  test.each(['AES-128-CBC', 'AES-256-CBC'] as const)(
    'an answer that is made with its public key, in %s, is not read',
    async (encryption) => {
      const forged = { status: 200, headers: [['content-type', 'text/plain']] as const, content: utf8('forged') };
      for (const victim of [signed, unsigned]) {
        expect(await outcome(victim, () => sealedAnswerFor(victim.recipient, forged, encryption))).toEqual([
          UNREADABLE,
          1,
        ]);
        expect(await outcome(victim, () => sealedFor(victim.recipient, utf8('no answer'), encryption))).toEqual([
          UNREADABLE,
          1,
        ]);
      }
      // The same in an AEAD: only an account without signatures takes that.
      expect(await outcome(unsigned, () => sealedAnswerFor(unsigned.recipient, forged))).toEqual(['read: 200', 1]);
    },
  );

  test('an answer in AES-GCM is not read as one in it, whatever the padding comes to', async () => {
    for (const victim of [signed, unsigned]) {
      const answer = new Promise<Bytes>((resolve) => {
        victim.middle.tamper(async (_, forward) => {
          const response = await forward();
          resolve(await bytesOf(response.clone()));
          return response;
        });
      });
      expect(await outcomeOf(victim.client.fetch(PATH))).toBe('read: 200');
      let opened = 0;
      // All last bytes of the initialisation vector: for one of them at least the padding is right.
      for (let last = 0; last < 256; last++) {
        const message = relabelled(await answer, new Uint8Array(BLOCK_BYTES).with(BLOCK_BYTES - 1, last));
        expect(await outcome(victim, async () => sealedResponse(message, false))).toEqual([UNREADABLE, 1]);
        if (await isOpened(message, victim)) opened++;
      }
      expect(opened).toBeGreaterThan(0);
    }
  });

  test('200 alterations of the last blocks of an honest answer come to the same', async () => {
    const opened = new Set<boolean>();
    for (let number = 0; number < 200; number++) {
      let message: Bytes = new Uint8Array(0);
      const altered: Tamper = async (_, forward) => {
        const honest = await signed.open(await forward());
        const sealed = await bytesOf(await sealedAnswerFor(signed.recipient, honest, 'AES-256-CBC'));
        // Each byte of the two blocks, with several differences.
        message = withEnd(sealed, (end) => {
          const at = number % end.length;
          end[at] = (end[at] ?? 0) ^ (1 + Math.floor(number / end.length) * 37);
        });
        return sealedResponse(message, false);
      };
      expect(await outcome(signed, altered)).toEqual([UNREADABLE, 1]);
      opened.add(await isOpened(message, signed));
    }
    // Of both kinds there were some: such that the padding is right for, and such that it is not.
    expect(opened).toEqual(new Set([true, false]));
  });

  test('an answer in it does not make the client ask for certificates, as one in AES-GCM does', async () => {
    const certified = await certify(await importAuthority(inject('authority')));
    const { publicKey, pkcs8 } = certified.key;
    const identifier = await keyIdentifier(publicKey);
    const signer = createHttpSigner({ certificates: '', publicKey, keyIdentifier: identifier, pkcs8 });
    const bySigner =
      (encryption: 'AES-256-CBC' | 'AES-256-GCM'): Tamper =>
      async ({ method, url, headers }) => {
        const content = utf8('signed by a key that the client does not know');
        const request = { method, targetUri: url, fields: [...headers] };
        const fields = await signAnswer({ status: 200, fields: [], request }, content, signer);
        return sealedAnswerFor(signed.recipient, { status: 200, headers: fields, content }, encryption);
      };
    expect(await outcome(signed, bySigner('AES-256-CBC'))).toEqual([UNREADABLE, 1]);
    expect(await outcome(signed, bySigner('AES-256-GCM'))).toEqual([UNREADABLE, 2]);
  });
});
