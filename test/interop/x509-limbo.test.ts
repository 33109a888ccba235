/**
 * Chains of C2SP/x509-limbo, judged as a client judges the certificate of an origin: the trusted certificates are its
 * pins, the intermediates are published beside them, and the leaf is verified by the authorities that a chain leads to.
 *
 * The leaves are those of servers in the web's PKI, and few have all extensions that certificates here must have. So an
 * extension is held against the rules of here only where it is there. The key has to be one that may be registered.
 *
 * Not taken are cases with a parameter that does not exist here, cases that lack the certificate which they are about, and
 * those that have to fail only for what is not looked at here: `NOT_TAKEN` has the reasons. All others are taken.
 */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { anchorsOf, loadAuthorities, type Trusted } from '../../client/trust.ts';
import { parsePublicKey } from '../../shared/crypto/keys/public-key.ts';
import { tryParse } from '../../shared/encoding/error.ts';
import { parsePem } from '../../shared/encoding/pem.ts';
import { verifyClientCertificate } from '../../shared/protocol/client-certificate.ts';
import {
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  type Extensions,
  hasOnlyKnownCritical,
  ID_KP_CLIENT_AUTH,
  ID_KP_SERVER_AUTH,
  isEndEntity,
  isOnlyFor,
  KEY_USAGE,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
} from '../../shared/x509/extensions.ts';
import { hasKeyUsage } from '../../shared/x509/key-usage.ts';
import { parseTrustAnchors } from '../../shared/x509/trust-anchor.ts';
import { verifyCertificate } from '../../shared/x509/verify.ts';
import { assertGoodKey } from '../../workers/authority/registration/key-policy.ts';
import { LIMBO_CASES, type LimboCase } from '../support/limbo-suite.ts';

/** Reasons not to take a case. Those of `failures` have no other fault, and are accepted here. */
const NOT_TAKEN = {
  parameters: [
    { reason: 'there are no CRLs here: certificates last for seconds', ids: /^crl::/ },
    { reason: 'the length of a chain is not bounded by a parameter', ids: /^pathlen::max-chain-depth-/ },
    {
      reason: 'the case lacks the intermediate, or has another root: its leaf does not chain to what it has',
      ids: /^rfc5280::(ski::critical-ski|intermediate-ca-missing-basic-constraints|ica-ku-keycertsign)$/,
    },
  ],
  failures: [
    {
      reason: 'an origin is known by its key, and no name of a server is compared',
      ids: /^(webpki::(cn|san)::|rfc5280::san::)/,
    },
    {
      reason: 'a pin is a name and a key (RFC 5280 6.1.1 d): what else its certificate says is not looked at',
      ids: new RegExp(
        `^(${[
          'pathological::nc-dos-\\d',
          'rfc5280::nc::(permitted-|excluded-(?!dns-match$)|invalid-|intermediate-with-san-rejected-by-root-nc$)',
          'rfc5280::(aki::cross-signed-root|ca-empty-subject|unknown-critical-extension-root|root-(inconsistent|non-critical)-)',
          'webpki::(aki::root-|eku::root-)',
        ].join('|')})`,
      ),
    },
    {
      reason: 'the rule is for who issues; an extension that is not critical and not needed is ignored (RFC 5280 4.2)',
      ids: /^(rfc5280::(aki::critical-aki|nc::not-allowed-in-ee-noncritical|pc::ica-noncritical-pc)|webpki::malformed-aia)$/,
    },
    {
      reason: 'nothing is looked up by a serial number, and zero and long ones are to be handled (RFC 5280 4.1.2.2)',
      ids: /^rfc5280::serial::(too-long|zero)$/,
    },
    {
      reason: 'the rule is that of the CA/Browser Forum',
      ids: /^webpki::(eku::ee-(critical|without)-eku|forbidden-rsa(-key)?-not-divisible-by-8-in-(root|leaf))$/,
    },
  ],
} as const;

/** What those that have to fail, and are taken, are refused for. */
const REFUSED = [
  {
    fault: 'issuer-unknown',
    reason: 'no chain leads to the leaf by names and key identifiers',
    ids: /^(pathological::intermediate-cycle-.*|rfc5280::(aki::(leaf|intermediate)-missing-aki|ee-empty-issuer|chain-untrusted-root)|webpki::cryptographydotio-chain-missing-intermediate)$/,
  },
  {
    fault: 'issuer-unknown',
    reason: 'pathLenConstraint',
    ids: /^pathlen::intermediate-(violates-pathlen-0|pathlen-too-long)$/,
  },
  {
    fault: 'issuer-unknown',
    reason: 'an authority is not in its time: where the leaf is not either, they have the same dates',
    ids: /^rfc5280::validity::(expired-(root|intermediate|\d-seconds?)|notbefore-fractional|not-yet-valid-\d-seconds?)$/,
  },
  {
    fault: 'issuer-unknown',
    reason: 'a critical extension of an intermediate that is not looked at, nameConstraints among them',
    ids: /^(cve::cve-2025-61727.*|rfc5280::(nc::(excluded-dns-match|intermediate-with-san-rejected-by-intermediate-nc|restrictive-.*|nc-.*)|unknown-critical-extension-intermediate)|webpki::nc::intermediate-.*)$/,
  },
  {
    fault: 'authority: its subjectKeyIdentifier is malformed',
    reason: 'no subjectKeyIdentifier',
    ids: /^(pathological::pathological-chain-.*|rfc5280::ski::(root|intermediate)-missing-ski)$/,
  },
  {
    fault: 'authority: it is not a v3 certificate',
    reason: 'a negative serial number',
    ids: /^rfc5280::serial::negative$/,
  },
  {
    fault: 'authority: it is not the certificate of a CA',
    reason: 'basicConstraints',
    ids: /^rfc5280::(intermediate-ca-without-ca-bit|root-missing-basic-constraints)$/,
  },
  {
    fault: 'authority: its key is of no accepted type',
    reason: 'DSA, P-192, and a curve that is not named',
    ids: /^webpki::(explicit-curve|forbidden-(p192|dsa)-root)$/,
  },
  {
    fault: 'authority: its RSA key has 1024 bits, below 2048',
    reason: 'a weak key',
    ids: /^webpki::forbidden-weak-rsa-key-in-root$/,
  },
  {
    fault: 'malformed',
    reason: 'version 1, two signature algorithms, and an extension that is there twice',
    ids: /^(rfc5280::(duplicate-extensions|mismatching-signature-algorithm)|webpki::v1-cert)$/,
  },
  { fault: 'expired', reason: 'validity of the leaf', ids: /^rfc5280::validity::expired-leaf$/ },
  {
    fault: 'key',
    reason: 'DSA, P-192 and RSA-1024 are not registered',
    ids: /^webpki::forbidden-(p192|dsa|weak-rsa-in)-leaf$/,
  },
  {
    fault: 'critical extension',
    reason: 'one of the leaf that is not looked at',
    ids: /^rfc5280::(nc::not-allowed-in-ee-critical|unknown-critical-extension-ee|ee-critical-aia-invalid)$/,
  },
  {
    fault: 'not an end entity',
    reason: 'the leaf is a CA',
    ids: /^(rfc5280::ca-as-leaf-wrong-san|webpki::(ee-basicconstraints-ca|ca-as-leaf))$/,
  },
  { fault: 'another key usage', reason: 'keyCertSign', ids: /^rfc5280::leaf-ku-keycertsign$/ },
  {
    fault: 'another purpose',
    reason: 'another one, any, or none',
    ids: /^(rfc5280::eku::ee-(wrong-eku|eku-empty)|webpki::eku::ee-anyeku)$/,
  },
] as const;

/** Refused although they have to succeed, by rules of here that are stricter. */
const STRICTER = [
  {
    fault: 'issuer-unknown',
    reason: 'nameConstraints are critical and not looked at, so no intermediate may have them',
    ids: /^(rfc5280::nc::(nc-permits-email-.*|nc-forbids-(alternate-chain-ica|othername-noop))|webpki::nc::nc-permits-dns-san-pattern)$/,
  },
  {
    fault: 'issuer-unknown',
    reason: 'a self-issued certificate counts for a pathLenConstraint, as any other does',
    ids: /^pathlen::self-issued-certs-pathlen$/,
  },
  {
    fault: 'issuer-unknown',
    reason: 'an authority ends with the millisecond of its notAfter, and not with the second',
    ids: /^rfc5280::validity::notafter-fractional$/,
  },
  {
    fault: 'issuer-unknown',
    reason: 'RSA keys sign certificates with SHA-256 only; this chain has SHA-384',
    ids: /^online::(microsoft|bing)\.com$/,
  },
  {
    fault: 'not an end entity',
    reason: 'the certificate of a CA is no leaf',
    ids: /^(pathlen::validation-ignores-pathlen-in-leaf|rfc5280::ca-as-leaf)$/,
  },
  {
    fault: 'another key usage',
    reason: 'a key has one use; keys of RSA in the web have keyEncipherment too',
    ids: /^(webpki::cryptographydotio-chain|online::((aws\.|s3\.)?amazon(aws)?|fastly|facebook|akamai|docs\.python)\.(com|org))$/,
  },
] as const;

type Row = { readonly ids: RegExp };
const rowOf = <T extends Row>(rows: readonly T[], { id }: LimboCase): T | undefined =>
  rows.find(({ ids }) => ids.test(id));
const isFailure = ({ expected_result }: LimboCase): boolean => expected_result === 'FAILURE';

const NOT_LOOKED_AT = LIMBO_CASES.filter((each) => isFailure(each) && rowOf(NOT_TAKEN.failures, each) !== undefined);
const TAKEN = LIMBO_CASES.filter((each) => !NOT_LOOKED_AT.includes(each) && !rowOf(NOT_TAKEN.parameters, each));

/** A time of all certificates that have no own one. */
const ANY_TIME = Date.UTC(2026, 0, 1);
const timeOf = ({ validation_time }: LimboCase): number =>
  validation_time === null ? ANY_TIME : Date.parse(validation_time);

const LOOKED_AT = new Set([
  AUTHORITY_KEY_IDENTIFIER,
  BASIC_CONSTRAINTS,
  EXT_KEY_USAGE,
  KEY_USAGE,
  SUBJECT_ALT_NAME,
  SUBJECT_KEY_IDENTIFIER,
]);

function faultOfExtensions(extensions: Extensions, purpose: string): string | undefined {
  if (!hasOnlyKnownCritical(extensions, LOOKED_AT)) return 'critical extension';
  if (extensions.has(BASIC_CONSTRAINTS) && !isEndEntity(extensions)) return 'not an end entity';
  if (extensions.has(KEY_USAGE) && !hasKeyUsage(extensions, 'digitalSignature')) return 'another key usage';
  const isForAnother = tryParse(() => isOnlyFor(extensions, purpose)) !== true;
  return extensions.has(EXT_KEY_USAGE) && isForAnother ? 'another purpose' : undefined;
}

/** @returns the fault of the case, or `accepted`. */
async function judge(limboCase: LimboCase): Promise<string> {
  const { trusted_certs, untrusted_intermediates, peer_certificate, extended_key_usage } = limboCase;
  const now = timeOf(limboCase);
  // The client reads the clock to follow its pins.
  vi.setSystemTime(now);
  const pinned = trusted_certs.join('');
  const authorities = await loadAuthorities(crypto.subtle);
  let trusted: Trusted;
  try {
    trusted = await authorities.follow(pinned, pinned + untrusted_intermediates.join(''));
  } catch (error) {
    return `authority: ${(error as Error).message}`;
  }
  const verified = await verifyCertificate(leafOf(peer_certificate), { anchors: anchorsOf(trusted), now });
  if (!verified.ok) return verified.fault;
  const { spki, extensions } = verified.value;
  try {
    assertGoodKey(parsePublicKey(spki));
  } catch {
    return 'key';
  }
  const purpose = extended_key_usage.includes('clientAuth') ? ID_KP_CLIENT_AUTH : ID_KP_SERVER_AUTH;
  return faultOfExtensions(extensions, purpose) ?? 'accepted';
}

const leafOf = (pem: string): Uint8Array<ArrayBuffer> =>
  parsePem('CERTIFICATE', pem)[0] ?? expect.unreachable('no certificate');

describe.skipIf(LIMBO_CASES.length === 0)(`x509-limbo: ${TAKEN.length} of ${LIMBO_CASES.length} cases`, () => {
  const judged = new Map<string, string>();
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    for (const each of LIMBO_CASES) judged.set(each.id, await judge(each));
  });
  afterAll(() => void vi.useRealTimers());

  /** What came out, and what has to, both by id. */
  const compare = (cases: readonly LimboCase[], expected: (limboCase: LimboCase) => string | undefined) => {
    expect(cases.length).toBeGreaterThan(0);
    expect(Object.fromEntries(cases.map(({ id }) => [id, judged.get(id)]))).toEqual(
      Object.fromEntries(cases.map((each) => [each.id, expected(each)])),
    );
  };

  test(`${TAKEN.filter(isFailure).length} that have to fail are refused for the fault that they have`, () => {
    compare(TAKEN.filter(isFailure), (each) => rowOf(REFUSED, each)?.fault);
  });

  test(`${TAKEN.length - TAKEN.filter(isFailure).length} that have to succeed are accepted, unless a rule is stricter`, () => {
    const successes = TAKEN.filter((each) => !isFailure(each));
    compare(successes, (each) => rowOf(STRICTER, each)?.fault ?? 'accepted');
  });

  test('those that are not taken for what is not looked at have no other fault', () => {
    compare(NOT_LOOKED_AT, () => 'accepted');
  });

  test('each row of the tables is there for a case', () => {
    const rows: readonly Row[] = [...NOT_TAKEN.parameters, ...NOT_TAKEN.failures, ...REFUSED, ...STRICTER];
    expect(rows.filter(({ ids }) => !LIMBO_CASES.some(({ id }) => ids.test(id)))).toEqual([]);
  });

  test('no leaf, taken or not, passes as the certificate of a client', async () => {
    for (const limboCase of LIMBO_CASES) {
      const anchors = limboCase.trusted_certs.flatMap((pem) => tryParse(() => parseTrustAnchors(pem)) ?? []);
      const options = { anchors, now: timeOf(limboCase), purpose: 'request' } as const;
      const verified = await verifyClientCertificate(leafOf(limboCase.peer_certificate), options);
      expect([limboCase.id, verified.ok]).toEqual([limboCase.id, false]);
    }
  });
});
