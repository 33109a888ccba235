import type { CredentialSample } from './credential.ts';
import { type Row, refusalOf } from './row.ts';
import { ID_LIMIT } from './schema.ts';

/**
 * Draws credentials of a shard at random.
 * @param size number of credentials that are drawn; those among them that are not valid are left out.
 */
export function drawSample(sql: SqlStorage, size: number): CredentialSample {
  const [{ count } = { count: 0 }] = sql.exec<{ count: number }>('SELECT count(*) AS count FROM credentials');
  const now = Date.now();
  const drawn: { keyType: string; template: ArrayBuffer }[] = [];
  for (let draw = 0; count > 0 && draw < size; draw++) {
    // Numbers of rows are random themselves. Beyond the last one it goes on at the first.
    const [row] = sql.exec<Pick<Row, 'key_type' | 'profile' | 'revoked_at' | 'ends_at'>>(
      `SELECT key_type, profile, revoked_at, ends_at FROM credentials
       WHERE id >= coalesce((SELECT id FROM credentials WHERE id >= ? ORDER BY id LIMIT 1), 0) ORDER BY id LIMIT 1`,
      Math.floor(Math.random() * ID_LIMIT),
    );
    if (row !== undefined && refusalOf(row, now) === null) drawn.push({ keyType: row.key_type, template: row.profile });
  }
  return { count, drawn };
}
