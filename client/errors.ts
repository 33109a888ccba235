/** The errors of the client, by codes that stay the same. */

import type { CredentialInfo } from './credential-info.ts';

/** The kinds of errors. Programs go by them. */
export type CaleErrorCode =
  /** There is no WebCrypto: a browser has it only on pages of https and of localhost. */
  | 'no-webcrypto'
  /** The edge could not be reached, or the connection broke. `cause` is the platform's error. */
  | 'network'
  /** The edge refused the request: see `status` and `problem`. */
  | 'refused'
  /** The answer is not sealed. A party between client and edge sent it, or the edge is no edge. */
  | 'not-sealed'
  /**
   * The answer cannot be opened with this key, or is not signed by the origin for this request. A decoy (the credential is
   * unknown or revoked), an altered answer and an answer for somebody else look the same, because an attacker could learn
   * from a difference.
   */
  | 'unreadable'
  /** The answer is longer than `maxOctets`, or the request longer than is signed or sealed. */
  | 'too-large'
  /** The edge is not the expected one: its authority is not the pinned one, or it registered the key for another owner. */
  | 'not-trusted'
  /**
   * The edge has another authority than the one that the account trusts, and no certificate of that one leads to it. The
   * account stays; whether the new authority is right has to be known from elsewhere before the client registers again.
   */
  | 'authority-changed'
  /** The account was registered before requests were signed: register it again. */
  | 'no-signing-key'
  /** The request, or a redirect, leads away from the edge. The GUID is only for the edge. */
  | 'other-origin'
  /** The passphrase does not open the key. */
  | 'passphrase'
  /** Keys cannot be stored or read here: storage is blocked, full or gone. */
  | 'storage';

/** Sentences of the codes that have one; the others are said by whoever throws them. */
const MESSAGES: Readonly<Partial<Record<CaleErrorCode, string>>> = {
  'no-webcrypto':
    'There is no WebCrypto here. A browser has it on pages of https and localhost only; elsewhere, give the option crypto.',
  refused: 'The edge refused the request',
  unreadable: 'The answer cannot be opened with this key.',
  'too-large': 'The answer is longer than the option maxOctets, or the request longer than 10 MiB.',
  'no-signing-key': 'The account has no key to sign requests with: register again.',
  passphrase: 'The passphrase does not open the key.',
  storage: 'Keys cannot be stored or read here.',
};

/** The refusal of the edge (RFC 9457). */
export interface Refusal {
  readonly status: number;
  /** Last part of the problem's type, such as `identity-required`; undefined when the answer was no problem of CALE. */
  readonly problem: string | undefined;
  /** The problem's own words, where it has any; of the edge, or of what stands before it. */
  readonly title: string | undefined;
  readonly detail: string | undefined;
  /** Seconds to wait before the next try, where the edge said so. */
  readonly retryAfter: number | undefined;
  /** With the problem `too-many-credentials`: those that the owner has, of which one can be revoked. */
  readonly credentials?: readonly CredentialInfo[];
}

/**
 * The one error of this library, beside `AbortError`, which is the platform's, and `TypeError` for bad arguments.
 *
 * @example
 * try {
 *   await client.fetch('/balance');
 * } catch (error) {
 *   if (error instanceof CaleError && error.code === 'unreadable') await registerAnew();
 * }
 */
export class CaleError extends Error {
  override readonly name = 'CaleError';
  readonly code: CaleErrorCode;
  /** With the code `refused`. */
  readonly refusal: Refusal | undefined;
  /** With the code `storage`: true when the account is there and its key is not, so that only registering again helps. */
  readonly keyLost: boolean;

  /** @param message a sentence that says more than that of the code. */
  constructor(
    code: CaleErrorCode,
    { cause, refusal, keyLost = false, message = MESSAGES[code] ?? code }: CaleErrorOptions = {},
  ) {
    super(message + (refusal ? wordsOf(refusal) : ''), cause === undefined ? undefined : { cause });
    this.code = code;
    this.refusal = refusal;
    this.keyLost = keyLost;
  }
}

/** The details of an error, beside its code. */
export interface CaleErrorOptions {
  readonly cause?: unknown;
  readonly refusal?: Refusal;
  readonly keyLost?: boolean;
  readonly message?: string;
}

/** Such as `: Registration takes a proof of identity. (identity-required)`. */
function wordsOf({ status, problem, title, detail }: Refusal): string {
  const words = [title, detail].filter(Boolean).join(' ');
  return `${words && `: ${words}`} (${problem ?? status})`;
}
