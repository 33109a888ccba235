/**
 * Authorities, as a client comes to trust them: at registration, and from one certificate to the next. Loaded on demand,
 * because both are rare.
 */

import type { parsePem } from '../shared/encoding/pem.ts';
import type { parseTrustAnchor, TrustAnchor } from '../shared/x509/trust-anchor.ts';
import type { isSignedBy } from '../shared/x509/verify.ts';
import type { Account, KeyStore } from './account.ts';
import type { CaleError } from './errors.ts';
import type { EdgeDocument } from './exchange/document.ts';

/**
 * Functions that are handed to this module. Where it imported them, bundlers would put all that it and the rest of the
 * client use into a file of its own, and every download would grow by a tenth.
 */
export interface Tools {
  readonly CaleError: typeof CaleError;
  readonly isSignedBy: typeof isSignedBy;
  readonly parsePem: typeof parsePem;
  readonly parseTrustAnchor: typeof parseTrustAnchor;
}

/** Certificates in PEM, as an account has them. */
export interface Trust {
  /** The pinned ones. */
  readonly authorities: string;
  /** Those that are trusted because a chain of certificates leads from a pinned one to them; empty where there are none. */
  readonly issuers: string;
}

/** A certificate of an authority. */
interface Authority {
  readonly pem: string;
  readonly anchor: TrustAnchor;
  readonly isSelfSigned: boolean;
}

/** `extnID` of extensions (RFC 5280 4.2.1). */
const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';

/** A deployment has some six. More would be a way to keep this program busy. */
const MAX_CERTIFICATES = 32;

/** The trust that comes of published certificates. */
export class Authorities {
  readonly #tools: Tools;
  readonly #subtle: SubtleCrypto;

  constructor(tools: Tools, subtle: SubtleCrypto) {
    this.#tools = tools;
    this.#subtle = subtle;
  }

  /**
   * @param published certificates in PEM of the authorities that the edge names.
   * @param expected the authority in PEM, or its SHA-256 fingerprint in hex; undefined to trust the published ones: the
   *   roots among them, or all where there is no root.
   * @throws {CaleError} `not-trusted` when the expected authority is not among the published ones.
   * @throws {TypeError} when `expected` is neither a certificate nor a fingerprint.
   */
  async pin(published: string, expected: string | undefined): Promise<Trust> {
    const all = await this.#parse(published);
    const pins = expected === undefined ? rootsOf(all) : await this.#find(all, expected);
    if (pins.length > 0) return this.#trust(pins, all);
    const message = 'The edge has another authority than the expected one.';
    throw new this.#tools.CaleError('not-trusted', { message });
  }

  /**
   * @param pinned certificates in PEM.
   * @param published as the edge names them now.
   * @returns the trust that comes of it. The pins move to the published roots that a chain leads to from the old ones;
   *   where there is no such root, they stay.
   * @throws {CaleError} `authority-changed` when no chain leads from a pin to anything that is published.
   */
  async follow(pinned: string, published: string): Promise<Trust> {
    const all = await this.#parse(published);
    // Accounts of before there were roots pinned all that was published, and an issuing key must not certify a root.
    const pins = rootsOf(await this.#parse(pinned));
    const chained = await this.#chainedTo(pins, all);
    // A root can have another certificate of its own, for a longer time.
    const isOwn = (each: Authority) => each.isSelfSigned && pins.filter(isInTime).some(hasSameKey(each));
    const known = all.filter((each) => pins.some(isSame(each)) || isOwn(each) || chained.some(hasSameKey(each)));
    if (known.length === 0) {
      const message = 'The edge has another authority, which the one that this account trusts did not certify.';
      throw new this.#tools.CaleError('authority-changed', { message });
    }
    const roots = known.filter(({ isSelfSigned }) => isSelfSigned);
    return this.#trust(roots.length > 0 ? roots : pins, all);
  }

  /**
   * @param published the document of the edge.
   * @returns the account with the certificates that are published now, which is stored too. Where none is published of a
   *   key that signs, the known ones stay: answers have to be signed all the same.
   * @throws {CaleError} `authority-changed`.
   */
  async takeOver(account: Account, { authorities, origin }: EdgeDocument, store: KeyStore): Promise<Account> {
    const trust = await this.follow(account.authorities, authorities);
    const signing = origin.signing || (account.origin?.signing ?? '');
    const changed = {
      ...account,
      ...trust,
      origin: { signing, encryption: origin.encryption },
      answersSigned: account.answersSigned || signing !== '',
    };
    // A store that fails makes the next client ask once more, and no request fail.
    await keep(store, changed).catch(() => undefined);
    return changed;
  }

  async #trust(pins: readonly Authority[], all: readonly Authority[]): Promise<Trust> {
    const chained = await this.#chainedTo(pins, all);
    // In the order in which they are published.
    const issuers = all.filter((each) => chained.includes(each) && !pins.some(hasSameKey(each)));
    return { authorities: pemOf(pins), issuers: pemOf(issuers) };
  }

  async #parse(text: string): Promise<Authority[]> {
    const { isSignedBy, parsePem, parseTrustAnchor } = this.#tools;
    const blocks = text.split(/(?=-----BEGIN)/).slice(0, MAX_CERTIFICATES);
    const authorities = blocks.flatMap((pem) =>
      parsePem('CERTIFICATE', pem).map(async (der) => {
        const anchor = parseTrustAnchor(der);
        const isOwnIssuer = equal(anchor.issued.issuer, anchor.name);
        return { pem, anchor, isSelfSigned: isOwnIssuer && (await isSignedBy(anchor.issued, anchor, this.#subtle)) };
      }),
    );
    return Promise.all(authorities);
  }

  async #find(all: readonly Authority[], expected: string): Promise<Authority[]> {
    const wanted = await this.#fingerprintsOf(expected);
    const fingerprints = await Promise.all(all.map(({ anchor }) => this.#fingerprintOf(anchor.certificate)));
    return all.filter((_, at) => wanted.includes(fingerprints[at] ?? '')).slice(0, 1);
  }

  async #fingerprintsOf(expected: string): Promise<string[]> {
    const digits = expected.replace(/[:\s]/g, '').toLowerCase();
    if (/^[0-9a-f]{64}$/.test(digits)) return [digits];
    try {
      const authorities = await this.#parse(expected);
      if (authorities.length > 0) {
        return await Promise.all(authorities.map(({ anchor }) => this.#fingerprintOf(anchor.certificate)));
      }
    } catch {
      // Told below.
    }
    throw new TypeError('authority is neither a certificate in PEM nor a SHA-256 fingerprint');
  }

  async #fingerprintOf(der: Uint8Array<ArrayBuffer>): Promise<string> {
    const digest = new Uint8Array(await this.#subtle.digest('SHA-256', der));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  /**
   * @returns the certificates that a chain leads to from the pins (RFC 5280 6.1). A pin is a name and a key: its
   *   pathLenConstraint is not looked at.
   */
  async #chainedTo(pins: readonly Authority[], all: readonly Authority[]): Promise<Authority[]> {
    /** With the number of CAs that may follow below each. */
    const reached = new Map(pins.filter(isInTime).map((pin) => [pin, Number.POSITIVE_INFINITY]));
    // A Map gives what is added during the loop as well, nearest first.
    for (const [issuer, depth] of reached) {
      for (const each of all) {
        const isNew = depth > 0 && !each.isSelfSigned && !reached.has(each);
        if (isNew && (await this.#certifies(issuer, each))) {
          reached.set(each, Math.min(depth - 1, pathLengthOf(each)));
        }
      }
    }
    return [...reached.keys()].filter((each) => !pins.includes(each));
  }

  async #certifies({ anchor }: Authority, other: Authority): Promise<boolean> {
    const { issued } = other.anchor;
    return (
      isInTime(other) &&
      equal(issued.issuer, anchor.name) &&
      equal(issued.signatureAlgorithm, anchor.scheme.algorithmIdentifier) &&
      equal(authorityKeyIdentifierOf(other), anchor.keyIdentifier) &&
      mayCertify(other) &&
      this.#tools.isSignedBy(issued, anchor, this.#subtle)
    );
  }
}

/** Another account may have taken the place of this one by now: that one stays. */
async function keep(store: KeyStore, account: Account): Promise<void> {
  const stored = store.update ? await store.list() : [];
  if (stored.some(({ guid }) => guid === account.guid)) await store.update?.(account);
}

const pemOf = (authorities: readonly Authority[]): string => authorities.map(({ pem }) => `${pem.trim()}\n`).join('');

const equal = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

const isSame =
  ({ anchor: { certificate } }: Authority) =>
  ({ anchor }: Authority): boolean =>
    equal(anchor.certificate, certificate);

const hasSameKey =
  ({ anchor: { name, publicKey } }: Authority) =>
  ({ anchor }: Authority): boolean =>
    equal(anchor.name, name) && equal(anchor.publicKey.spki, publicKey.spki);

/** The self-signed ones, or all where there are none. */
function rootsOf(all: readonly Authority[]): readonly Authority[] {
  const roots = all.filter(({ isSelfSigned }) => isSelfSigned);
  return roots.length > 0 ? roots : all;
}

function isInTime({ anchor: { notBefore, notAfter } }: Authority): boolean {
  const now = Date.now();
  return notBefore <= now && now <= notAfter;
}

const extensionOf = ({ anchor }: Authority, oid: string): Uint8Array =>
  anchor.issued.extensions.get(oid)?.value ?? new Uint8Array(0);

/** The keyIdentifier, which is first in its SEQUENCE (RFC 5280 4.2.1.1); nothing where there is none. */
function authorityKeyIdentifierOf(authority: Authority): Uint8Array {
  const value = extensionOf(authority, AUTHORITY_KEY_IDENTIFIER);
  return value[2] === 0x80 ? value.subarray(4, 4 + (value[3] ?? 0)) : new Uint8Array(0);
}

/** No critical extension but those that are looked at, and keyCertSign (RFC 5280 4.2.1.3): bit 5 of a BIT STRING. */
function mayCertify(authority: Authority): boolean {
  const { extensions } = authority.anchor.issued;
  const isKnown = [...extensions].every(
    ([oid, { critical }]) => !critical || [BASIC_CONSTRAINTS, KEY_USAGE].includes(oid),
  );
  return isKnown && (!extensions.has(KEY_USAGE) || ((extensionOf(authority, KEY_USAGE)[3] ?? 0) & 0x04) !== 0);
}

/** pathLenConstraint (RFC 5280 4.2.1.9): the INTEGER behind the BOOLEAN, which is three bytes. */
function pathLengthOf(authority: Authority): number {
  const [, , , , , , length, constraint = 0] = extensionOf(authority, BASIC_CONSTRAINTS);
  // One of more than a byte is more than there are certificates.
  return length === 1 ? constraint : Number.POSITIVE_INFINITY;
}
