/** Something that was asked for cannot be done as it was asked for. The message is a sentence for the terminal. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A file is not sealed for the key, or was altered. The message is a sentence for the terminal. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}
