/** The forms of answers that a request can ask for. */

import { newNonce } from '../../shared/protocol/nonce.ts';

export type Form = 'plain' | 'bhttp' | 'signed';

/** Header fields by form. A nonce is new each time. */
export const FIELDS: Readonly<Record<Form, () => Record<string, string>>> = {
  plain: () => ({}),
  bhttp: () => ({ 'CALE-Accept': 'message/bhttp', Accept: 'application/pkcs7-mime' }),
  signed: () => ({ ...FIELDS.bhttp(), 'CALE-Nonce': newNonce(Date.now()) }),
};
