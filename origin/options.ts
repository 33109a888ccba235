/** The options of a party behind the edge, and the party that they amount to. */

import type { RecipientPrivateKey } from '../shared/cms/recipients/recipient-type.ts';
import { LruCache } from '../shared/crypto/lru-cache.ts';
import { ReusedBuffer } from '../shared/encoding/reused-buffer.ts';
import { log, type RequestLine } from '../shared/log.ts';
import type { Subject } from '../shared/protocol/client-certificate.ts';
import { type IntegerRange, parseInteger } from '../shared/settings.ts';
import { parseTrustAnchors, type TrustAnchor } from '../shared/x509/trust-anchor.ts';
import { type ClientKeys, createClientKeys } from './client-keys.ts';
import { type DecoyOptions, Decoys } from './decoys/decoys.ts';
import { describeFailure } from './failure.ts';
import {
  createHttpSigner,
  createOpener,
  type HttpSigner,
  type KeyAndCertificates,
  parseOpeningKeys,
  parseSigningKey,
} from './keys.ts';
import type { SealedProblem } from './problems.ts';
import type { Refusal } from './refusal.ts';

/** The proof that methods take which can change something: a signature, none that will do, or no more than a GUID. */
export type UnsafeMethods = 'signed' | 'refuse' | 'allow';

/** The options of a party behind the edge. `originOptionsFromSettings` has them from an environment. */
export interface OriginOptions {
  /** Certificates in PEM of the authorities that are trusted; more than one while keys are rotated. */
  readonly authorities: string;
  /** The key that signs answers. Without one answers are not signed. */
  readonly signing?: KeyAndCertificates | undefined;
  /** The key that opens sealed requests, and others while it is rotated. Without one there are no such requests. */
  readonly encryption?: KeyAndCertificates | undefined;
  /**
   * `sealed` (the default) refuses requests that name no cipher. `clear` is for resource servers, whose answers only the
   * origin reads (draft B.2.5): it refuses requests that name one.
   */
  readonly answers?: 'sealed' | 'clear';
  /**
   * Methods that can change something: `signed` (the default) needs a signature by the registered key, `refuse` answers
   * none, `allow` takes no more proof than the client's reading.
   */
  readonly unsafeMethods?: UnsafeMethods;
  /** Maximum size of a request that is signed or sealed, in bytes; by default 10 MiB. */
  readonly maxRequestBytes?: number;
  /** Maximum size of an answer, in bytes; by default 16 MiB. It is in memory as a whole, several times while it is sealed. */
  readonly maxAnswerBytes?: number;
  /** Seconds that the body of an answer may take to its end, within `deadlineMs`; by default 60. */
  readonly maxAnswerSeconds?: number;
  /**
   * Milliseconds that the application may take for an answer with its body: 1 to 600000; by default 25000. It has to be
   * less than the edge's `UPSTREAM_DEADLINE_MS`, so that the client of an application that hangs gets a sealed problem.
   */
  readonly deadlineMs?: number;
  /** How answers to GUIDs that are not valid look like answers: see docs/protocol/decoys.md. */
  readonly decoys?: DecoyOptions;
  /** Told of every request that is refused; by default a line in the log, except for those without a certificate. */
  readonly onRefusal?: (reason: Refusal) => void;
  /**
   * Told when the client gets a problem in place of the application's answer, with the error, which can be anything that
   * the application threw. By default a line in the log, with the kind and place of the error and not its message.
   */
  readonly onFailure?: (problem: SealedProblem, error: unknown) => void;
  /**
   * Told of every request when its answer is made, decoys not told from answers; by default no party is.
   * `originOptionsFromSettings` writes a line in the log.
   */
  readonly onRequest?: (request: RequestLine) => void;
}

/** A party behind the edge, made of its options once. */
export interface Party {
  readonly anchors: readonly TrustAnchor[];
  readonly subjects: LruCache<Subject>;
  readonly clientKeys: ClientKeys;
  readonly signer: HttpSigner | undefined;
  /** Memory that answers are put together in before they are sealed. */
  readonly messages: ReusedBuffer;
  /** Gives the keys that open sealed requests. */
  readonly opener: (() => Promise<readonly RecipientPrivateKey[]>) | undefined;
  /** Certificates in PEM that clients are told of. */
  readonly published: { readonly signing: string | undefined; readonly encryption: string | undefined };
  readonly decoys: Decoys;
  readonly answers: 'sealed' | 'clear';
  readonly unsafeMethods: UnsafeMethods;
  readonly maxRequestBytes: number;
  readonly maxAnswerBytes: number;
  readonly maxAnswerSeconds: number;
  readonly deadlineMs: number;
  readonly onRefusal: (reason: Refusal) => void;
  readonly onFailure: (problem: SealedProblem, error: unknown) => void;
  readonly onRequest: (request: RequestLine) => void;
}

/** Number of clients that are remembered, so that only the new fields of their certificates are read. */
const REMEMBERED_CLIENTS = 1000;
/** Answers up to this size use the memory of the one before them. */
const KEPT_MESSAGE_BYTES = 2 * 1024 * 1024;
const DEFAULT_MAX_REQUEST_BYTES = 10 * 1024 * 1024;
const DEFAULT_MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const DEFAULT_MAX_ANSWER_SECONDS = 60;
/** Milliseconds, below those of the edge's `UPSTREAM_DEADLINE_MS`. */
export const DEADLINE_MS: IntegerRange = { least: 1, most: 600_000, byDefault: 25_000 };

/** @throws {EncodingError} when a certificate or a key is not usable. @throws {ConfigError} for a bad `deadlineMs`. */
export function createParty(options: OriginOptions): Party {
  const { answers = 'sealed', unsafeMethods = 'signed', maxRequestBytes = DEFAULT_MAX_REQUEST_BYTES } = options;
  const deadlineMs = parseInteger('deadlineMs', options.deadlineMs, DEADLINE_MS);
  const signing = options.signing && parseSigningKey(options.signing);
  const encryption = options.encryption && parseOpeningKeys(options.encryption);
  return {
    anchors: parseTrustAnchors(options.authorities),
    subjects: new LruCache<Subject>(REMEMBERED_CLIENTS),
    clientKeys: createClientKeys(REMEMBERED_CLIENTS),
    signer: signing && createHttpSigner(signing),
    messages: new ReusedBuffer(KEPT_MESSAGE_BYTES),
    opener: encryption && createOpener(encryption),
    published: { signing: signing?.certificates, encryption: encryption?.certificates },
    decoys: new Decoys(options.decoys),
    answers,
    unsafeMethods,
    maxRequestBytes,
    maxAnswerBytes: options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES,
    maxAnswerSeconds: Math.min(options.maxAnswerSeconds ?? DEFAULT_MAX_ANSWER_SECONDS, deadlineMs / 1000),
    deadlineMs,
    onRefusal: options.onRefusal ?? logRefusal,
    onFailure: options.onFailure ?? logFailure,
    onRequest: options.onRequest ?? (() => {}),
  };
}

/** Refusals that every request with an unknown GUID can cause: strangers must not be able to fill the log. */
const OF_STRANGERS: readonly Refusal[] = ['certificate-missing', 'certificate-for-a-decoy'];

function logRefusal(reason: Refusal): void {
  if (!OF_STRANGERS.includes(reason)) log({ event: 'request-refused', reason });
}

function logFailure(problem: SealedProblem, error: unknown): void {
  log({ event: 'request-failed', reason: `${problem}: ${describeFailure(error)}` });
}
