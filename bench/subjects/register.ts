/** What a registration computes: parse the CSR, hold it against the policy, verify it, seal the GUID. */

import { utf8 } from '../../shared/bytes.ts';
import { seal } from '../../shared/cms/seal.ts';
import { checkCsr } from '../../shared/csr/check.ts';
import { decodeCsr } from '../../shared/csr/decode.ts';
import { importRecipient } from '../../shared/keys/recipient.ts';
import { newGuid } from '../../shared/wire/guid.ts';
import { encodePem } from '../../shared/wire/pem.ts';
import type { Subjects } from '../worker.ts';
import { sealBare } from './bare.ts';
import { createClient } from './parties.ts';

export const register: Subjects = {
  async cale() {
    const body = utf8(encodePem('CERTIFICATE REQUEST', (await createClient('P-256')).csr));
    return async () => {
      const der = decodeCsr(body);
      const csr = 'fault' in der ? der : await checkCsr(der);
      if ('fault' in csr) throw new Error(csr.fault);
      return seal(await importRecipient(csr.subjectPublicKeyInfo), 'AES-256-GCM', utf8(newGuid()));
    };
  },
  /** The bare calls: import the key twice, verify, seal. */
  async limit() {
    const client = await createClient('P-256');
    const { spki, pkcs8 } = client;
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const info = client.csr.slice(0, 150);
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, ecdsa, false, ['sign']);
    const signature = await crypto.subtle.sign(ecdsa, key, info);
    return async () => {
      const publicKey = await crypto.subtle.importKey('spki', spki, ecdsa, false, ['verify']);
      if (!(await crypto.subtle.verify(ecdsa, publicKey, signature, info))) throw new Error('not verified');
      await crypto.subtle.importKey('spki', spki, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
      return sealBare(client, utf8(newGuid()));
    };
  },
};
