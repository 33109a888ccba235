import { GatewayError } from './problems.ts';

/**
 * @param seconds that the whole may take.
 * @returns the result of `run`, whose signal is aborted when the time is over.
 * @throws {GatewayError} when it takes longer.
 */
export async function withDeadline<T>(seconds: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new GatewayError('upstream-too-slow', `no whole answer within ${seconds} s`));
      controller.abort();
    }, seconds * 1000);
  });
  try {
    // Not by the signal only: a body that is being read does not end by it.
    return await Promise.race([run(controller.signal), over]);
  } finally {
    clearTimeout(timer);
  }
}
