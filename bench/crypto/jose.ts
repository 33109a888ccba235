/** JWE in compact form (RFC 7516), by jose. */

import { CompactEncrypt } from 'jose';
import type { Client } from '../parties/client.ts';

const ALGORITHMS = { 'RSA-2048': 'RSA-OAEP-256', 'P-256': 'ECDH-ES+A256KW' };

export const sealJose = ({ keyType, recipient }: Client, content: Uint8Array): Promise<string> =>
  new CompactEncrypt(content).setProtectedHeader({ alg: ALGORITHMS[keyType], enc: 'A256GCM' }).encrypt(recipient.key);
