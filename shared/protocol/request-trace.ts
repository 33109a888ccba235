/** The facts of one request, gathered by the party that handles it, and the line of the log that they become. */

import { log, type RequestLine, type RequestOutcome, type RequestParty } from '../log.ts';
import { type IntegerRange, integerSetting } from '../settings.ts';
import { metricsFromSettings, RequestCounts } from './request-counts.ts';
import { isSampled } from './request-id.ts';

/** A wait of a party for another one, or for storage. */
export type Hop = keyof RequestLine['hops'];

/** Names of methods that are written; a client can make up any other. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const FIRST_ERROR = 400;
const FIRST_FAILURE = 500;

export class RequestTrace {
  readonly requestId: string;
  /** Set where it is no other than that of the status. */
  outcome: RequestOutcome | undefined;
  /** For operators. */
  reason: string | undefined;
  shard: number | undefined;
  keyType: string | undefined;
  cipher: string | undefined;
  readonly #startedAt = Date.now();
  readonly #hops: Partial<Record<Hop, number>> = {};

  constructor(requestId: string) {
    this.requestId = requestId;
  }

  /** Notes that a GUID is answered with a decoy. @param reason null for a GUID that is valid. */
  noteGuid(reason: string | null): void {
    if (reason === null) return;
    this.outcome = 'decoy';
    this.reason = reason;
  }

  /** Adds the milliseconds that the work takes to those of its hop. A Worker's clock stands still between such waits. */
  async time<T>(hop: Hop, work: () => T | Promise<T>): Promise<T> {
    const startedAt = Date.now();
    try {
      return await work();
    } finally {
      this.#hops[hop] = (this.#hops[hop] ?? 0) + Date.now() - startedAt;
    }
  }

  /** @param route a name, or the pattern of a path: no part of the path itself. */
  line(route: string, method: string, status: number): RequestLine {
    return {
      requestId: this.requestId,
      route,
      method: METHODS.includes(method) ? method : 'other',
      outcome: this.outcome ?? outcomeOf(status),
      reason: this.reason,
      status,
      milliseconds: Date.now() - this.#startedAt,
      hops: this.#hops,
      shard: this.shard,
      keyType: this.keyType,
      cipher: this.cipher,
    };
  }
}

function outcomeOf(status: number): RequestOutcome {
  if (status >= FIRST_FAILURE) return 'unavailable';
  return status >= FIRST_ERROR ? 'refused' : 'answered';
}

/** Percent of the requests that were answered, of which a line is written. */
export const LOG_SAMPLE_PERCENT: IntegerRange = { least: 0, most: 100, byDefault: 100 };

/** @throws {ConfigError} unless `LOG_SAMPLE_PERCENT` is a whole number from 0 to 100, or missing. */
export const samplePercentFromSettings = (env: object): number =>
  integerSetting(env, 'LOG_SAMPLE_PERCENT', LOG_SAMPLE_PERCENT);

/**
 * True for a request of which a line is written. Decoys are chosen as answers are: else a GUID that there is not would cost
 * a line more than one that there is.
 */
export const isLogged = ({ requestId, outcome }: RequestLine, samplePercent: number): boolean =>
  outcome === 'refused' || outcome === 'unavailable' || isSampled(requestId, samplePercent);

export function logRequest(party: RequestParty, line: RequestLine): void {
  log({ event: 'request', party, ...line });
}

/**
 * @returns a function that writes the lines of a party which are chosen, and data points where `METRICS` is bound.
 * @throws as {@link samplePercentFromSettings}.
 */
export function requestLog(party: RequestParty, env: object): (line: RequestLine) => void {
  const samplePercent = samplePercentFromSettings(env);
  const counts = new RequestCounts(party, metricsFromSettings(env));
  return (line) => {
    counts.add(line);
    if (isLogged(line, samplePercent)) logRequest(party, line);
  };
}
