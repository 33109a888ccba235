/** The log of the Workers: one line of JSON an event. No event holds a secret, a GUID or a certificate. */

/** A party that writes a line for each request. */
export type RequestParty = 'edge' | 'authority' | 'origin' | 'gateway';

/**
 * `answered`; `decoy`: answered so that it looks like an answer, which the authority says of GUIDs that are not valid;
 * `refused`: with a status of 400 to 499; `unavailable`: this party or one behind it failed.
 */
export type RequestOutcome = 'answered' | 'decoy' | 'refused' | 'unavailable';

/** A request that a party handled. Of what a client sent it has no word. */
export interface RequestLine {
  /** The same at all parties: see protocol/request-id.ts. */
  readonly requestId: string;
  /** A name, or the pattern of a path. */
  readonly route: string;
  readonly method: string;
  readonly outcome: RequestOutcome;
  readonly reason?: string | undefined;
  readonly status: number;
  readonly milliseconds: number;
  /** Milliseconds of waiting. */
  readonly hops: {
    readonly authority?: number;
    readonly origin?: number;
    readonly application?: number;
    readonly shard?: number;
    readonly kv?: number;
  };
  /** Number of the shard. */
  readonly shard?: number | undefined;
  readonly keyType?: string | undefined;
  /** Name of the content encryption. */
  readonly cipher?: string | undefined;
  /** A keyed hash. */
  readonly guid?: string | undefined;
}

/** Every event that is logged. A reason is for operators: see {@link reasonOf}. */
export type LogEvent =
  | ({ readonly event: 'request'; readonly party: RequestParty } & RequestLine)
  | { readonly event: 'registered'; readonly owner: string }
  | { readonly event: 'renewed' }
  | { readonly event: 'registration-refused'; readonly owner: string; readonly reason: string }
  | { readonly event: 'identity-refused'; readonly method: string; readonly reason: string }
  | { readonly event: 'proof-refused'; readonly reason: string }
  | { readonly event: 'revoked'; readonly by: Revoker; readonly count: number }
  | { readonly event: 'succession-not-settled'; readonly reason: string }
  | { readonly event: 'credentials-adopted'; readonly count: number }
  | { readonly event: 'request-refused'; readonly reason: string }
  | { readonly event: 'request-failed'; readonly reason: string; readonly requestId?: string }
  | { readonly event: 'web-origin-refused'; readonly origin: string; readonly reason: string }
  | {
      readonly event: 'upstream-failed';
      readonly upstream: string;
      readonly reason: string;
      readonly requestId?: string;
    }
  | { readonly event: 'catalogue-not-written'; readonly reason: string }
  | { readonly event: 'catalogue-swept'; readonly removed: number }
  | { readonly event: 'decoys-not-learned'; readonly reason: string }
  | { readonly event: 'credentials-reconciled'; readonly revoked: number; readonly missing: number };

/** The party that revoked: a client by its signature, an owner who proved an identity, or an administrator. */
export type Revoker = 'client' | 'owner' | 'administrator';

const LEVELS = {
  request: 'log',
  registered: 'log',
  renewed: 'log',
  'registration-refused': 'log',
  'identity-refused': 'warn',
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
  'credentials-reconciled': 'warn',
} as const satisfies Record<LogEvent['event'], 'log' | 'warn' | 'error'>;

export function log(event: LogEvent): void {
  console[LEVELS[event.event]](JSON.stringify(event));
}

/** The reason of a failure, for the log: name, or the code where there is one, and message of the error. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? `${labelOf(error)}: ${error.message}` : 'an error that is no Error';

/** The code of a library's error, such as `ERR_JWT_EXPIRED`. The name of its class is shortened in a bundle. */
const labelOf = ({ name, code }: Error & { readonly code?: unknown }): string =>
  typeof code === 'string' ? code : name;
