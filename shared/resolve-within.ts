/** Nothing came in time. */
export class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/**
 * @param milliseconds that the promise may take. What it does is not ended by that.
 * @throws {DeadlineError} when it takes longer; what the promise fails with.
 */
export async function resolveWithin<T>(promise: T | PromiseLike<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`nothing came within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
