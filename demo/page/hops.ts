/** The messages between the parties, in the order of the draft's flows (appendix B). */

import { CREDENTIALS_PATH, SEALED_PATH } from '../../shared/protocol/endpoints.ts';

export const PARTIES = ['client', 'edge', 'authority', 'origin', 'resource server'] as const;
export type Party = (typeof PARTIES)[number];

export interface Hop {
  readonly from: Party;
  readonly to: Party;
  /** Start line of the message, more or less. */
  readonly says: string;
  /** The part of it that matters. */
  readonly carries: string;
  /** The form of the answer in it: sealed to the client's key, in the clear, or a decoy. */
  readonly answer?: 'sealed' | 'clear' | 'decoy';
}

/** Draft 4.1, B.1. */
export const REGISTRATION: readonly Hop[] = [
  { from: 'client', to: 'edge', says: 'POST /registration', carries: 'the CSR and a password' },
  { from: 'edge', to: 'authority', says: 'POST /registration', carries: 'the CSR, and who proved to be whom' },
  { from: 'authority', to: 'edge', says: '200', carries: 'the GUID, sealed', answer: 'sealed' },
  { from: 'edge', to: 'client', says: '200', carries: 'the GUID, sealed', answer: 'sealed' },
];

const asked = (path: string, method = 'GET'): readonly Hop[] => [
  { from: 'client', to: 'edge', says: `${method} ${path}`, carries: 'the GUID' },
  { from: 'edge', to: 'authority', says: path === '/whoami' ? 'GET /whoami' : 'GET /validate', carries: 'the GUID' },
];

/** Draft 4.2, with the secondary mechanism for requests that change something. */
const admitted = (says: string, sent: string, forwarded: string): readonly Hop[] => [
  { from: 'client', to: 'edge', says, carries: `the GUID, a nonce and ${sent}` },
  { from: 'edge', to: 'authority', says: 'GET /validate', carries: 'the GUID, and the nonce to be admitted once' },
  { from: 'authority', to: 'edge', says: '200', carries: 'a certificate for this nonce only' },
  { from: 'edge', to: 'origin', says, carries: `the certificate and ${forwarded}` },
];

const SEALED_ANSWER: readonly Hop[] = [
  { from: 'origin', to: 'edge', says: '200', carries: 'the answer, signed and sealed', answer: 'sealed' },
  { from: 'edge', to: 'client', says: '200', carries: 'the answer, signed and sealed', answer: 'sealed' },
];

/** Draft B.2.5: what the demo's origin asks the resource server for, by the path that itself is asked for. */
const RESOURCES: Readonly<Record<string, string>> = { '/balance': 'GET /balance', '/resource': 'GET /aggregate' };

function fetched(path: string): readonly Hop[] {
  const says = RESOURCES[path];
  if (says === undefined) return [];
  return [
    { from: 'origin', to: 'resource server', says, carries: 'the certificate' },
    { from: 'resource server', to: 'origin', says: '200', carries: 'data in the clear', answer: 'clear' },
  ];
}

/** Draft 4.2, B.2, and for `/whoami` 4.3, B.3. */
export function answered(path: string): readonly Hop[] {
  if (path === '/whoami') {
    return [
      ...asked(path),
      { from: 'authority', to: 'edge', says: '200', carries: 'an expired certificate, sealed', answer: 'sealed' },
      { from: 'edge', to: 'client', says: '200', carries: 'the certificate, sealed', answer: 'sealed' },
    ];
  }
  return [
    ...asked(path),
    { from: 'authority', to: 'edge', says: '200', carries: 'a certificate of ten seconds’ life' },
    { from: 'edge', to: 'origin', says: `GET ${path}`, carries: 'the certificate and the cipher, not the GUID' },
    ...fetched(path),
    ...SEALED_ANSWER,
  ];
}

/** The authority itself answers what it is asked of credentials. */
const listed = (carries: string, form: 'sealed' | 'decoy'): readonly Hop[] => [
  { from: 'client', to: 'edge', says: `GET ${CREDENTIALS_PATH}`, carries: 'the GUID and a nonce' },
  { from: 'edge', to: 'authority', says: 'GET /credentials', carries: 'the GUID and the nonce' },
  { from: 'authority', to: 'edge', says: '200', carries, answer: form },
  { from: 'edge', to: 'client', says: '200', carries, answer: form },
];
export const DEVICES = listed('the list of devices, sealed', 'sealed');
export const NO_DEVICES = listed('a decoy: the GUID is unknown', 'decoy');

/** A write: the origin verifies the signature before it does anything. */
export const written = (says: string): readonly Hop[] => [
  ...admitted(says, 'a signature by the key', 'the signature, which it verifies'),
  ...SEALED_ANSWER,
];

/** A sealed request: the edge learns neither what is asked for nor by which method. @param path inside. */
export const sealed = (path: string): readonly Hop[] => [
  ...admitted(`POST ${SEALED_PATH}`, 'a request sealed to the origin', 'the sealed request, which only it opens'),
  ...fetched(path),
  ...SEALED_ANSWER,
];

/** Draft B.2.3c: the GUID is unknown or revoked. */
export function deceived(path: string, method = 'GET'): readonly Hop[] {
  if (path === '/whoami') {
    return [
      ...asked(path),
      { from: 'authority', to: 'edge', says: '200', carries: 'a decoy: the GUID is unknown', answer: 'decoy' },
      { from: 'edge', to: 'client', says: '200', carries: 'the decoy', answer: 'decoy' },
    ];
  }
  return [
    ...asked(path, method),
    { from: 'authority', to: 'edge', says: '403', carries: 'a certificate for a decoy: the GUID is unknown' },
    { from: 'edge', to: 'origin', says: `${method} ${path}`, carries: 'the certificate and the cipher, as always' },
    { from: 'origin', to: 'edge', says: '200', carries: 'a decoy, in the form of an answer', answer: 'decoy' },
    { from: 'edge', to: 'client', says: '200', carries: 'the decoy', answer: 'decoy' },
  ];
}
