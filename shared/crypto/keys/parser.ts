import type { DerReader } from '../../encoding/der/reader.ts';

/** Reads the SubjectPublicKeyInfo of one algorithm. */
export interface KeyParser<K> {
  /** Dotted OID of the algorithm. */
  readonly oid: string;
  /**
   * @param parameters behind the OID in the AlgorithmIdentifier.
   * @param bits content of the subjectPublicKey BIT STRING.
   * @returns the key; undefined when its parameters or its form are not accepted.
   * @throws {DerError} when it is malformed.
   */
  parse(parameters: DerReader, bits: Uint8Array<ArrayBuffer>): (K & { readonly keyType: string }) | undefined;
}
