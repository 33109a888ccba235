/**
 * The list that edge, authority and origin hold in common (draft 4.1): the TLS ciphers that are accepted, and how CMS
 * encrypts content for a client that negotiated one of them. A name that is not on it is refused: 3DES, RC4, NULL,
 * export and anonymous suites, and every unknown one.
 */

import type { ContentEncryptionName } from '../cms/content-encryption.ts';

interface Suite {
  readonly encryption: ContentEncryptionName;
  /** The part behind the key exchange in OpenSSL's names, and in those of the IANA registry. */
  readonly openssl: readonly string[];
  readonly iana: readonly string[];
  /** Names that say no key exchange: those of TLS 1.3, which Cloudflare spells its own way, and OpenSSL's of RSA. */
  readonly whole: readonly string[];
}

const SUITES: readonly Suite[] = [
  {
    encryption: 'AES-128-GCM',
    openssl: ['AES128-GCM-SHA256'],
    iana: ['AES_128_GCM_SHA256'],
    whole: ['TLS_AES_128_GCM_SHA256', 'AEAD-AES128-GCM-SHA256', 'AES128-GCM-SHA256'],
  },
  {
    encryption: 'AES-256-GCM',
    openssl: ['AES256-GCM-SHA384'],
    iana: ['AES_256_GCM_SHA384'],
    whole: ['TLS_AES_256_GCM_SHA384', 'AEAD-AES256-GCM-SHA384', 'AES256-GCM-SHA384'],
  },
  {
    encryption: 'ChaCha20-Poly1305',
    openssl: ['CHACHA20-POLY1305', 'CHACHA20-POLY1305-SHA256', 'CHACHA20-POLY1305-OLD'],
    iana: ['CHACHA20_POLY1305_SHA256'],
    whole: ['TLS_CHACHA20_POLY1305_SHA256', 'AEAD-CHACHA20-POLY1305-SHA256'],
  },
  {
    encryption: 'AES-128-CBC',
    openssl: ['AES128-SHA', 'AES128-SHA256'],
    iana: ['AES_128_CBC_SHA', 'AES_128_CBC_SHA256'],
    whole: ['AES128-SHA', 'AES128-SHA256'],
  },
  {
    encryption: 'AES-256-CBC',
    openssl: ['AES256-SHA', 'AES256-SHA256', 'AES256-SHA384'],
    iana: ['AES_256_CBC_SHA', 'AES_256_CBC_SHA256', 'AES_256_CBC_SHA384'],
    whole: ['AES256-SHA', 'AES256-SHA256'],
  },
];

/** Those that authenticate the server. */
const KEY_EXCHANGES = ['ECDHE-RSA', 'ECDHE-ECDSA', 'DHE-RSA', 'DHE-DSS', 'ECDH-RSA', 'ECDH-ECDSA', 'DH-RSA', 'DH-DSS'];

const BY_NAME: ReadonlyMap<string, ContentEncryptionName> = new Map(
  SUITES.flatMap(({ encryption, openssl, iana, whole }) => {
    const names = [
      ...whole,
      ...KEY_EXCHANGES.flatMap((exchange) => openssl.map((suite) => `${exchange}-${suite}`)),
      ...[...KEY_EXCHANGES, 'RSA'].flatMap((exchange) =>
        iana.map((suite) => `TLS_${exchange.replace('-', '_')}_WITH_${suite}`),
      ),
    ];
    return names.map((name) => [name, encryption] as const);
  }),
);

/**
 * @param tlsCipher the negotiated cipher by its OpenSSL, IANA or Cloudflare name.
 * @returns how CMS encrypts content for it, or undefined when the cipher is not on the list.
 */
export const contentEncryptionFor = (tlsCipher: string): ContentEncryptionName | undefined => BY_NAME.get(tlsCipher);
