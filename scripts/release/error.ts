/** A release cannot be made. The message is one or two sentences for the person who releases. */
export class ReleaseError extends Error {
  override name = 'ReleaseError';
}
