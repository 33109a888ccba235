import type { ClientCertificateFault } from '../shared/protocol/client-certificate.ts';

/** The reason for which a request is not let in; for operators. */
export type Refusal =
  | ClientCertificateFault
  | 'certificate-missing'
  | 'certificate-for-a-decoy'
  | 'certificate-of-another-request'
  | 'cipher-missing'
  | 'cipher-not-accepted'
  | 'cipher-not-expected';
