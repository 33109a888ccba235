import { EncodingError } from '../../../shared/encoding/error.ts';

/** A place among the rows of all shards. */
export interface RowCursor {
  /** Number of the shard. */
  readonly shard: number;
  /** Number of the row behind which it goes on. */
  readonly after: number;
}

export const FIRST_ROW: RowCursor = { shard: 0, after: -1 };

export const formatRowCursor = ({ shard, after }: RowCursor): string => `${shard}.${after}`;

/** @throws {EncodingError} when it is none. */
export function parseRowCursor(text: string): RowCursor {
  const [, shard, after] = /^(\d{1,6})\.(-1|\d{1,15})$/.exec(text) ?? [];
  if (shard === undefined || after === undefined) throw new EncodingError('no cursor');
  return { shard: Number(shard), after: Number(after) };
}

/** @returns the number of a shard, 0 where there is no cursor. @throws {EncodingError} when it is none. */
export function parseShardCursor(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,6}$/.test(text)) throw new EncodingError('no cursor');
  return Number(text);
}
