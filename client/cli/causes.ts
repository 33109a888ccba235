/** Causes of errors of the client, and what to do about them. */

import type { CaleError } from '../errors.ts';
import { proxyVariable } from './network.ts';

/** Advice by the edge's problem or the error's code. */
const ADVICE: Partial<Record<string, string>> = {
  'identity-required': 'It is that of --basic or --bearer.',
  'admin-token-required': "This is not the administrator's token: CALE_ADMIN_TOKEN, --token-stdin, or what is typed.",
  'admin-access-required': 'The edge asks for Cloudflare Access, which cale does not pass: send the request by curl.',
  'guid-required':
    'The edge has no administration: it has no ADMIN_TOKEN, no ADMIN_TOKENS or no binding ADMINISTRATION.',
  'https-required': 'Write https:// before the host.',
  'cipher-not-accepted': 'The settings CBC_CIPHERS and TLS_CIPHER of the edge say which are.',
  'secondary-proof-required':
    'cale signs each write with the registered key: this edge takes none at all (its setting UNSAFE_METHODS), the credential was revoked or has ended, or something on the way changed the request.',
  'too-many-credentials':
    'cale devices --edge URL --revoke ID revokes one of these; with --basic or --bearer it takes no key.',
  'csr-unsupported-key': 'Another --key may do.',
  unavailable: "The edge's log says which party is down.",
  unreadable:
    'Where cale whoami fails in this way too, the credential was revoked or is not known to this edge: cale register with --account NAME makes another one, and keeps this key.',
  'not-trusted': '--authority and --owner say what is expected.',
  'authority-changed': 'ask the operator for the fingerprint; cale register --authority makes another account with it.',
  'no-signing-key': 'cale register with --account NAME makes an account that has one.',
  storage: 'The environment variable CALE_HOME names the folder.',
  passphrase: 'It is the one of cale register: CALE_PASSPHRASE, or the one that is typed.',
};

export function adviceFor({ code, refusal }: CaleError): string | undefined {
  if (refusal === undefined) return ADVICE[code];
  const { problem, retryAfter } = refusal;
  const isStranger = problem === undefined ? 'What answered may be no edge: is the URL right?' : undefined;
  const wait = retryAfter === undefined ? undefined : `Try again in ${retryAfter} seconds.`;
  return [ADVICE[problem ?? ''], isStranger, wait].filter((each) => each !== undefined).join(' ') || undefined;
}

interface SystemError {
  readonly code?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

const UNTRUSTED = 'The environment variable NODE_EXTRA_CA_CERTS can name a file with the authority of its certificate.';
const UNREACHED = 'Where the way out is a proxy, HTTPS_PROXY and HTTP_PROXY name it.';

/** What to look at, by the code of the platform's error. */
const CAUSES: Partial<Record<string, string>> = {
  ECONNREFUSED: 'Does it run, and is the port the right one?',
  ENOTFOUND: `Is the name the right one? ${UNREACHED}`,
  EAI_AGAIN: `Is the name the right one? ${UNREACHED}`,
  ETIMEDOUT: UNREACHED,
  ENETUNREACH: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  UND_ERR_CONNECT_TIMEOUT: UNREACHED,
  ERR_SSL_WRONG_VERSION_NUMBER: 'Is it http:// in place of https://?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'Is it http:// in place of https://?',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** The platform's reason for which the edge was not reached; undefined for other errors. */
export function causeOf({ code, cause }: CaleError): string | undefined {
  if (code !== 'network' || cause === undefined) return undefined;
  const { code: name = '', message = '' } = innermost(cause);
  const variable = proxyVariable();
  const proxy = variable === undefined ? undefined : `${variable} names a proxy.`;
  const reason = message === '' ? undefined : `(${message})`;
  return [reason, CAUSES[name], proxy].filter((each) => each !== undefined).join(' ') || undefined;
}

/** The error that others were made of; of several attempts the last. */
function innermost(error: unknown): SystemError {
  const { cause, errors } = error as SystemError;
  const next = errors?.[errors.length - 1] ?? cause;
  return next === undefined ? (error as SystemError) : innermost(next);
}
