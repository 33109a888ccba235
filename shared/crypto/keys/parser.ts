import type { DerReader } from '../../encoding/der/reader.ts';
import { EncodingError } from '../../encoding/error.ts';

/** The key is of no accepted type, or not of the form that is read here. The message says what was found. */
export class KeyError extends EncodingError {
  override name = 'KeyError';
}

/** Reads the SubjectPublicKeyInfo of one algorithm. */
export interface KeyParser<K> {
  /** Dotted OID of the algorithm. */
  readonly oid: string;
  /**
   * @param parameters behind the OID in the AlgorithmIdentifier.
   * @param bits content of the subjectPublicKey BIT STRING.
   * @throws {KeyError} when its parameters or its form are not accepted.
   * @throws {DerError} when it is malformed.
   */
  parse(parameters: DerReader, bits: Uint8Array<ArrayBuffer>): K & { readonly keyType: string };
}
