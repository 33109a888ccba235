/** The computing of a registration: parse the CSR, verify it by the policy, seal the GUID. */

import { importRecipient } from '../../shared/cms/recipients/recipients.ts';
import { seal } from '../../shared/cms/seal.ts';
import { utf8 } from '../../shared/encoding/bytes.ts';
import { encodePem } from '../../shared/encoding/pem.ts';
import { newGuid } from '../../shared/protocol/guid.ts';
import { CMS_TYPE } from '../../shared/protocol/media-types.ts';
import { encodeSealedBody, negotiateFormat } from '../../shared/protocol/sealed-response.ts';
import { verifyCsr } from '../../workers/authority/registration/csr-policy.ts';
import { sealBare } from '../parties/bare-calls.ts';
import { createClient } from '../parties/client.ts';
import type { Subjects } from './subject.ts';

const CIPHER = 'AES-256-GCM';
const FORMAT = negotiateFormat(CIPHER, CMS_TYPE);
/** About the size of a CertificationRequestInfo. */
const INFO_BYTES = 150;

export const register: Subjects = {
  async cale() {
    const body = utf8(encodePem('CERTIFICATE REQUEST', (await createClient('P-256')).csr));
    return async () => {
      const verified = await verifyCsr(body);
      if (!verified.ok) throw new Error(verified.fault);
      const { publicKey, keyIdentifier } = verified.value;
      const recipient = await importRecipient(publicKey, keyIdentifier);
      return encodeSealedBody(FORMAT, await seal(recipient, CIPHER, utf8(newGuid())));
    };
  },
  /** The bare calls: import the key twice, verify, seal. */
  async limit() {
    const client = await createClient('P-256');
    const { pkcs8, publicKey } = client;
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const info = client.csr.slice(0, INFO_BYTES);
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, ecdsa, false, ['sign']);
    const signature = await crypto.subtle.sign(ecdsa, key, info);
    return async () => {
      const verifier = await crypto.subtle.importKey('spki', publicKey.spki, ecdsa, false, ['verify']);
      if (!(await crypto.subtle.verify(ecdsa, verifier, signature, info))) throw new Error('not verified');
      await crypto.subtle.importKey('spki', publicKey.spki, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
      return sealBare(client, utf8(newGuid()));
    };
  },
};
