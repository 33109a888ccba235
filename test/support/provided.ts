/** The values that client-setup.ts hands to the tests of the client, in each runtime. */

/** A file of Wycheproof: fields of a group are the parameters of its tests. Bytes are in hex. */
export interface VectorFile {
  readonly testGroups: readonly (Readonly<Record<string, unknown>> & { readonly tests: readonly Vector[] })[];
}

export interface Vector extends Readonly<Record<string, unknown>> {
  readonly tcId: number;
  readonly comment: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Origin of the edge, whose origin server is client-origin.ts. */
    edge: string;
    /** The authority behind it: its key (PKCS#8) and its certificate in PEM, as a test has to know them to mint others. */
    authority: { readonly key: string; readonly certificate: string };
    wycheproof: Record<string, VectorFile> | undefined;
  }
}
