/** Workers have a property under it, for the inspection of streams. */
const LENGTH = Object.getOwnPropertySymbols(ReadableStream.prototype).find(
  ({ description }) => description === 'length',
);

/** @returns the length of a stream where the platform knows it without reading, such as of a body in memory. */
export function knownLength(stream: ReadableStream): number | undefined {
  const length = LENGTH === undefined ? undefined : (stream as unknown as Record<symbol, unknown>)[LENGTH];
  return typeof length === 'bigint' ? Number(length) : undefined;
}
