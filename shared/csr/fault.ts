/** The rules that a CSR can break, by the names that clients see. */
export const CSR_FAULTS = {
  'csr-too-large': 'The request is larger than 16 KiB.',
  'csr-malformed': 'The body is not a PKCS#10 certification request.',
  'csr-several-pem-blocks': 'The body has more than one PEM block.',
  'csr-trailing-bytes': 'Bytes follow the certification request.',
  'csr-unsupported-key': 'The key is none of RSA, P-256, P-384, P-521.',
  'csr-weak-key': 'An RSA key must have 2048 to 4096 bits and the exponent 65537.',
  'csr-broken-key': 'The key is known to be broken.',
  'csr-weak-hash': 'The request must be signed with SHA-256, SHA-384 or SHA-512.',
  'csr-bad-signature': "The request's signature does not verify with its own key.",
  'csr-bad-subject': 'The subject is not a name, or is longer than 1024 octets, or is that of the authority.',
} as const;

export type CsrFault = keyof typeof CSR_FAULTS;
