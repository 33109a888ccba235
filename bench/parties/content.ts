/** Content to be sealed, of any size. */
export const contentOf = (bytes: number): Uint8Array<ArrayBuffer> => new Uint8Array(bytes).map((_, at) => at * 31);
