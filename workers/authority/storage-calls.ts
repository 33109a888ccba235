/** Calls of storage: each ends in time, and those that can be made twice are made once more where that may help. */

import { resolveWithin } from '../../shared/resolve-within.ts';
import type { ObjectsByName } from './placed-namespace.ts';

/**
 * Methods whose second call does what the first one did, or would have done. Not among them are `admit`, of nonces and of
 * owners, and `register`: the first call may have written before its object was reset, and then the second is refused.
 */
const REPEATABLE: ReadonlySet<string> = new Set([
  'find',
  'findWithOwner',
  'list',
  'summaries',
  'sample',
  'placementKey',
  'reconcile',
  'putBack',
  'unsettled',
  'revoke',
  'settle',
  'markOwned',
  'entries',
  'guidOf',
  'isLive',
]);

/** `findWithOwner` admits a nonce, where it gets one. */
const isRepeatable = (name: string, parameters: readonly unknown[]): boolean =>
  REPEATABLE.has(name) && !(name === 'findWithOwner' && parameters[1] !== undefined);

/** What the platform says of an error. A lost connection is retryable; the reset of an object may say no more than that. */
interface PlatformError {
  readonly retryable?: unknown;
  readonly durableObjectReset?: unknown;
  readonly overloaded?: unknown;
}

/**
 * Calls once more after an error that may not come again. Not where it says `overloaded`: that would make it worse.
 * @throws what the last call threw.
 */
async function retryOnce<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { retryable, durableObjectReset, overloaded } = Object(error) as PlatformError;
    if (overloaded === true || (retryable !== true && durableObjectReset !== true)) throw error;
    return call();
  }
}

type Methods = Readonly<Record<string, (...parameters: unknown[]) => Promise<unknown>>>;

/**
 * @param open gives the stub or namespace for each call, because the stub of an object that was reset is of no use.
 * @param deadlineMs of a call, the second one included.
 * @returns an object of the same methods. They throw {DeadlineError} when nothing came in time. The call may still be done.
 */
export function boundedCalls<T extends object>(open: () => T, deadlineMs: number): T {
  return new Proxy({} as T, {
    get(_target, name) {
      // A promise asks each value that it gets for `then`.
      if (typeof name !== 'string' || name === 'then') return undefined;
      return (...parameters: unknown[]) => {
        const call = async () => (open() as Methods)[name]?.(...parameters);
        return resolveWithin(isRepeatable(name, parameters) ? retryOnce(call) : call(), deadlineMs);
      };
    },
  });
}

/** @returns the namespace, the calls of whose objects are those of {@link boundedCalls}. */
export function boundedNamespace<T extends Rpc.DurableObjectBranded>(
  namespace: ObjectsByName<T>,
  deadlineMs: number,
): ObjectsByName<T> {
  return {
    idFromName: (name) => namespace.idFromName(name),
    get: (id) => boundedCalls(() => namespace.get(id), deadlineMs),
  };
}
