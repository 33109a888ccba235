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
