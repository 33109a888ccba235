import { expect, test } from 'vitest';
import { contentEncryptionFor } from '../../../shared/protocol/tls-ciphers.ts';

test.each([
  ['ECDHE-RSA-AES128-GCM-SHA256', 'AES-128-GCM'],
  ['AES128-GCM-SHA256', 'AES-128-GCM'],
  ['TLS_AES_128_GCM_SHA256', 'AES-128-GCM'],
  ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', 'AES-128-GCM'],
  ['AEAD-AES128-GCM-SHA256', 'AES-128-GCM'],
  ['ECDHE-ECDSA-AES256-GCM-SHA384', 'AES-256-GCM'],
  ['TLS_RSA_WITH_AES_256_GCM_SHA384', 'AES-256-GCM'],
  ['AEAD-AES256-GCM-SHA384', 'AES-256-GCM'],
  ['ECDHE-RSA-CHACHA20-POLY1305', 'ChaCha20-Poly1305'],
  ['TLS_CHACHA20_POLY1305_SHA256', 'ChaCha20-Poly1305'],
  ['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', 'ChaCha20-Poly1305'],
  ['AEAD-CHACHA20-POLY1305-SHA256', 'ChaCha20-Poly1305'],
  ['ECDHE-RSA-AES128-SHA', 'AES-128-CBC'],
  ['ECDHE-ECDSA-AES128-SHA256', 'AES-128-CBC'],
  ['TLS_DHE_RSA_WITH_AES_128_CBC_SHA256', 'AES-128-CBC'],
  ['ECDHE-RSA-AES256-SHA', 'AES-256-CBC'],
  ['AES256-SHA256', 'AES-256-CBC'],
  ['TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384', 'AES-256-CBC'],
])('%s is accepted, as %s', (name, encryption) => {
  expect(contentEncryptionFor(name)).toBe(encryption);
});

test.each([
  'DES-CBC3-SHA',
  'ECDHE-RSA-DES-CBC3-SHA',
  'TLS_RSA_WITH_3DES_EDE_CBC_SHA',
  'RC4-SHA',
  'NULL-SHA256',
  'TLS_RSA_WITH_NULL_SHA256',
  'EXP-RC4-MD5',
  'ADH-AES256-SHA',
  'TLS_DH_anon_WITH_AES_256_GCM_SHA384',
  'AES256-GCM',
  'ECDHE-RSA-AES256-GCM-SHA384 ',
  'x-ECDHE-RSA-AES256-GCM-SHA384',
  'CAMELLIA256-SHA',
  'ARIA256-GCM-SHA384',
  'unknown',
  '',
])('%j is refused', (name) => {
  expect(contentEncryptionFor(name)).toBeUndefined();
});
