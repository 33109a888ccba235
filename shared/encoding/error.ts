/** The input is not of the encoding that was asked for. The message says what was wrong, never what the input was. */
export class EncodingError extends Error {
  override name = 'EncodingError';
}

/**
 * @returns the result of `parse`, or undefined when it throws an {@link EncodingError}.
 * @throws every other error of `parse`, because only the input may be at fault.
 */
export function tryParse<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof EncodingError) return undefined;
    throw error;
  }
}

/**
 * True for an error that says something of the platform and nothing of the input: a method, or an algorithm of WebCrypto,
 * that it lacks. None of them depends on a key or on what is under it, so that handing it on tells an attacker nothing.
 */
export const isPlatformError = (error: unknown): boolean =>
  error instanceof TypeError ||
  error instanceof ReferenceError ||
  (error as Error | null)?.name === 'NotSupportedError';
