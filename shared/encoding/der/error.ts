import { EncodingError } from '../error.ts';

/** The input is not the DER that was asked for. */
export class DerError extends EncodingError {
  override name = 'DerError';
}
