/**
 * The list that edge, authority and origin hold in common (draft 4.1): which TLS ciphers are accepted, and how CMS
 * encrypts content for a client that negotiated one of them. A name that no row matches is refused: 3DES, RC4, NULL,
 * export and anonymous suites, and whatever is not known.
 */

export const CONTENT_ENCRYPTIONS = [
  'AES-128-GCM',
  'AES-256-GCM',
  'ChaCha20-Poly1305',
  'AES-128-CBC',
  'AES-256-CBC',
] as const;

export type ContentEncryption = (typeof CONTENT_ENCRYPTIONS)[number];

/** Row: the names of OpenSSL, of the IANA registry and of Cloudflare (`request.cf.tlsCipher`), whole. */
const ACCEPTED: readonly (readonly [RegExp, ContentEncryption])[] = [
  [/^(KX-)?AES128-GCM-SHA256$|^(TLS_|TLS_KX_WITH_)AES_128_GCM_SHA256$|^AEAD-AES128-GCM-SHA256$/, 'AES-128-GCM'],
  [/^(KX-)?AES256-GCM-SHA384$|^(TLS_|TLS_KX_WITH_)AES_256_GCM_SHA384$|^AEAD-AES256-GCM-SHA384$/, 'AES-256-GCM'],
  [
    /^KX-CHACHA20-POLY1305(-SHA256|-OLD)?$|^(TLS_|TLS_KX_WITH_)CHACHA20_POLY1305_SHA256$|^AEAD-CHACHA20-POLY1305-SHA256$/,
    'ChaCha20-Poly1305',
  ],
  [/^(KX-)?AES128-SHA(256)?$|^TLS_KX_WITH_AES_128_CBC_SHA(256)?$/, 'AES-128-CBC'],
  [/^(KX-)?AES256-SHA(256|384)?$|^TLS_KX_WITH_AES_256_CBC_SHA(256|384)?$/, 'AES-256-CBC'],
];

/** Key exchange and authentication of the suites that name one. */
const KEY_EXCHANGE =
  /^(ECDHE|DHE|ECDH|DH)-(RSA|ECDSA|DSS)-|(?<=^TLS_)((ECDHE|DHE|ECDH|DH)_(RSA|ECDSA|DSS)|RSA)(?=_WITH_)/;

/** What `TLS_CIPHER` and `request.cf.tlsCipher` are matched against, longest name first known to be 45 octets. */
const MAX_NAME_LENGTH = 64;

/**
 * @param tlsCipher the negotiated cipher by its OpenSSL, IANA or Cloudflare name.
 * @returns how CMS encrypts content for it, or undefined when the cipher is not on the list.
 */
export function contentEncryptionFor(tlsCipher: string): ContentEncryption | undefined {
  if (tlsCipher.length > MAX_NAME_LENGTH) return undefined;
  const name = tlsCipher.replace(KEY_EXCHANGE, (match) => (match.endsWith('-') ? 'KX-' : 'KX'));
  return ACCEPTED.find(([pattern]) => pattern.test(name))?.[1];
}
