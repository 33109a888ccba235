/** The log of the Workers: one line of JSON an event. No event holds a secret, a GUID or a certificate. */

/** Every event that is logged. A reason is for operators: see {@link reasonOf}. */
export type LogEvent =
  | { readonly event: 'registered'; readonly owner: string }
  | { readonly event: 'renewed' }
  | { readonly event: 'registration-refused'; readonly owner: string; readonly reason: string }
  | { readonly event: 'identity-refused'; readonly method: string; readonly reason: string }
  | { readonly event: 'guid-refused'; readonly reason: string }
  | { readonly event: 'proof-refused'; readonly reason: string }
  | { readonly event: 'revoked'; readonly by: Revoker; readonly count: number }
  | { readonly event: 'succession-not-settled'; readonly reason: string }
  | { readonly event: 'credentials-adopted'; readonly count: number }
  | { readonly event: 'request-refused'; readonly reason: string }
  | { readonly event: 'request-failed'; readonly reason: string }
  | { readonly event: 'web-origin-refused'; readonly origin: string; readonly reason: string }
  | { readonly event: 'upstream-failed'; readonly upstream: string; readonly reason: string }
  | { readonly event: 'catalogue-not-written'; readonly reason: string }
  | { readonly event: 'catalogue-swept'; readonly removed: number }
  | { readonly event: 'decoys-not-learned'; readonly reason: string };

/** The party that revoked: a client by its signature, an owner who proved an identity, or an administrator. */
export type Revoker = 'client' | 'owner' | 'administrator';

const LEVELS = {
  registered: 'log',
  renewed: 'log',
  'registration-refused': 'log',
  'identity-refused': 'warn',
  'guid-refused': 'log',
  'proof-refused': 'warn',
  revoked: 'log',
  'succession-not-settled': 'error',
  'credentials-adopted': 'log',
  'request-refused': 'warn',
  'request-failed': 'error',
  'web-origin-refused': 'warn',
  'upstream-failed': 'error',
  'catalogue-not-written': 'error',
  'catalogue-swept': 'log',
  'decoys-not-learned': 'warn',
} as const satisfies Record<LogEvent['event'], 'log' | 'warn' | 'error'>;

export function log(event: LogEvent): void {
  console[LEVELS[event.event]](JSON.stringify(event));
}

/** The reason of a failure, for the log: name and message of the error. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : 'an error that is no Error';
